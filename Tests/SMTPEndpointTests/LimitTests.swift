import NIOCore
import SMTPEndpoint
import SessionIO
import Testing

/// Who wants too much is told so, and how.
@Suite(.timeLimit(.minutes(1))) struct LimitTests {
    private static let alice = "AUTH PLAIN \(SubmissionTests.plain("alice@example.test"))"

    private static func logIn(_ server: TestServer) async throws -> TestClient {
        let client = try await server.connect(tls: true)
        _ = await client.reply()
        _ = try await client.command("EHLO x")
        #expect(try await client.command(alice).hasPrefix("235"))
        return client
    }

    private static func send(_ client: TestClient, to recipients: [String]) async throws -> [String] {
        let recipients = recipients.map { "RCPT TO:<\($0)>\n" }.joined()
        try await client.send("MAIL FROM:<alice@example.test>\n\(recipients)DATA\n")
        var replies: [String] = []
        repeat { replies += await client.reply() } while replies.last?.prefix(3) == "250"
        guard replies.last?.hasPrefix("354") == true else { return replies }
        try await client.send("From: alice@example.test\n\nx\n.\n")
        return replies + (await client.reply())
    }

    @Test func sessionsOfAnAccount() async throws {
        try await TestServer.run(.submissions, sessionsPerAccount: 1) { server in
            let first = try await Self.logIn(server)
            let second = try await server.connect(tls: true)
            _ = await second.reply()
            _ = try await second.command("EHLO x")
            let refused = try await second.command(Self.alice)
            #expect(refused == "454 4.7.0 Too many sessions of this account; close some or try again later")
            #expect(try await second.command("MAIL FROM:<alice@example.test>").hasPrefix("530"))
            #expect(try await first.command("MAIL FROM:<alice@example.test>").hasPrefix("250"))
        }
    }

    @Test func messagesAnHour() async throws {
        try await TestServer.run(.submissions, sending: .init(messagesPerHour: 1)) { server in
            let client = try await Self.logIn(server)
            // What was not sent does not count.
            #expect(try await client.command("MAIL FROM:<alice@example.test>").hasPrefix("250"))
            #expect(try await client.command("RSET").hasPrefix("250"))
            #expect(try await Self.send(client, to: ["bob@example.test"]).last?.hasPrefix("250 2.0.0") == true)
            let refused = try await client.command("MAIL FROM:<alice@example.test>")
            #expect(refused.hasPrefix("450 4.7.0 Your account has sent too many messages; try again in "))
            let other = try await Self.logIn(server)
            #expect(try await other.command("MAIL FROM:<alice@example.test>").hasPrefix("450 4.7.0 "))
        }
    }

    @Test func recipientsADay() async throws {
        try await TestServer.run(.submissions, sending: .init(recipientsPerDay: 2)) { server in
            let client = try await Self.logIn(server)
            let replies = try await Self.send(
                client,
                to: ["bob@example.test", "nobody@example.test", "alice@example.test", "carol@elsewhere.example"])
            #expect(replies.map { String($0.prefix(9)) } == ["250 2.1.0", "250 2.1.5", "550 5.1.1"])
            let rest = [await client.line(), await client.line(), await client.line()]
            #expect(rest.map { $0?.prefix(9) } == ["250 2.1.5", "450 4.7.0", "354 Start"])
        }
    }

    @Test func messagesOfASession() async throws {
        try await TestServer.run(.submissions, { $0.messageCountLimit = 1 }) { server in
            let client = try await Self.logIn(server)
            #expect(try await Self.send(client, to: ["bob@example.test"]).last?.hasPrefix("250 2.0.0") == true)
            try await client.send("MAIL FROM:<alice@example.test>\n")
            #expect(await client.rest() == ["421 4.7.0 Enough messages for one session; connect again"])
        }
    }

    @Test func commandsThatMoveNoMail() async throws {
        try await TestServer.run(.reception, { $0.idleLimit = 10 }) { server in
            let client = try await server.connect()
            try await client.send(
                "EHLO x\n" + String(repeating: "MAIL FROM:<>\nRSET\n", count: 10) + "NOOP\n")
            #expect(await client.rest().last == "421 4.7.0 Too many errors; closing")
        }
    }

    @Test("Who guesses addresses is slowed down, then ended")
    func unknownRecipients() async throws {
        try await TestServer.run(
            .reception,
            {
                $0.errorLimit = 10
                $0.errorDelay = .milliseconds(20)
            }
        ) { server in
            let client = try await server.connect()
            let start = ContinuousClock.now
            try await client.send(
                "EHLO x\nMAIL FROM:<>\n" + (0..<20).map { "RCPT TO:<guess\($0)@example.test>\n" }.joined())
            let lines = await client.rest()
            #expect(lines.count { $0.hasPrefix("550 5.1.1 ") } == 10)
            #expect(lines.last == "421 4.7.0 Too many errors; closing")
            #expect(ContinuousClock.now - start >= .milliseconds(120))
        }
    }

    @Test func recipientsWithoutEnd() async throws {
        try await TestServer.run(.reception, { $0.recipientLimit = 1 }) { server in
            let client = try await server.connect()
            try await client.send("EHLO x\nMAIL FROM:<>\n")
            try await client.send(String(repeating: "RCPT TO:<alice@example.test>\n", count: 1100))
            let lines = await client.rest()
            #expect(lines.count { $0.hasPrefix("452 4.5.3 ") } == 1020)
            #expect(lines.last == "421 4.7.0 Too many errors; closing")
        }
    }

    @Test func aSessionWithoutMail() async throws {
        try await TestServer.run(.reception, { $0.sessionTime = .milliseconds(50) }) { server in
            let client = try await server.connect()
            #expect(await client.rest().last == "421 4.4.2 Time-out; closing")
        }
    }

    @Test func aLineWithoutEnd() async throws {
        try await TestServer.run(.reception) { server in
            let client = try await server.connect()
            _ = await client.reply()
            let piece = [UInt8](repeating: 0x41, count: 1 << 16)
            for _ in 0..<17 { try? await client.sendExactly(piece) }
            #expect(await client.rest() == ["500 5.5.2 Line without end; closing"])
        }
    }

    @Test func contentFarBeyondItsLimit() async throws {
        try await TestServer.run(.reception, { $0.messageLimit = 1000 }) { server in
            let client = try await server.connect()
            _ = await client.reply()
            try await client.send("EHLO x\nBDAT 900000000 LAST\n")
            _ = await client.reply()
            let piece = [UInt8](repeating: 0x41, count: 1 << 20)
            for _ in 0..<66 { try? await client.sendExactly(piece) }
            #expect(await client.rest() == ["552 5.3.4 Message exceeds the size limit by far; closing"])
        }
    }

    @Test func memoryForMessages() async throws {
        let policy = SessionPolicy(intakeMemory: 100_000)
        try await TestServer.run(.reception, policy: policy) { server in
            let client = try await server.connect()
            _ = await client.reply()
            _ = try await client.command("EHLO x")
            try await client.send("MAIL FROM:<>\nRCPT TO:<alice@example.test>\nDATA\n")
            for _ in 0..<3 { _ = await client.reply() }
            try await client.send("From: a@b.example\n\n")
            for _ in 0..<200 { try await client.send(String(repeating: "x", count: 998) + "\n") }
            try await client.send(".\n")
            let reply = await client.reply().first
            #expect(reply == "452 4.3.1 Too many messages are coming in; try again later")
            // Given back at once, and the next one is taken.
            #expect(policy.intakeMemory.used == 0)
            try await client.send("MAIL FROM:<>\nRCPT TO:<alice@example.test>\nDATA\n")
            for _ in 0..<3 { _ = await client.reply() }
            #expect(try await client.command("From: a@b.example\n\nx\n.").hasPrefix("250 2.0.0"))
            #expect(policy.intakeMemory.used == 0)
            policy.intakeMemory.hold(100_000)
            try await client.send("MAIL FROM:<>\nRCPT TO:<alice@example.test>\nDATA\n")
            for _ in 0..<2 { _ = await client.reply() }
            #expect(await client.reply().first?.hasPrefix("452 4.3.1 ") == true)
        }
    }
}
