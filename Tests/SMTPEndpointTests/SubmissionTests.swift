import Accounts
import Bytes
import MailStore
import SMTPEndpoint
import Testing

/// Ports 587 and 465: mail from our users.
@Suite(.timeLimit(.minutes(1))) struct SubmissionTests {
    static func plain(_ user: String, _ password: String = TestServer.password) -> String {
        Base64.string("\0\(user)\0\(password)".utf8)
    }

    @Test(arguments: Conversation.Mode.allCases)
    func submits(mode: Conversation.Mode) async throws {
        try await TestServer.run(.submissions) { server in
            let client = try await server.connect(tls: true)
            try await Conversation(
                """
                S: 220 mx.example.test ESMTP Martlet
                C: EHLO client
                S: 250-mx.example.test greets client
                S: 250-SIZE 52428800
                S: 250-PIPELINING
                S: 250-8BITMIME
                S: 250-SMTPUTF8
                S: 250-ENHANCEDSTATUSCODES
                S: 250-CHUNKING
                S: 250-BINARYMIME
                S: 250-DSN
                S: 250 AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN
                C: MAIL FROM:<alice@example.test>
                S: 530 5.7.0 Authentication required
                C: AUTH PLAIN \(Self.plain("alice@example.test"))
                S: 235 2.7.0 Authentication succeeded
                C: AUTH PLAIN \(Self.plain("alice@example.test"))
                S: 503 5.5.1 Already authenticated
                C: MAIL FROM:<alice@example.test>
                C: RCPT TO:<bob@example.test>
                C: RCPT TO:<carol@elsewhere.example>
                C: DATA
                S: 250 2.1.0 *
                S: 250 2.1.5 *
                S: 250 2.1.5 *
                S: 354 *
                C: From: alice@example.test
                C:
                C: hello
                C: .
                S: 250 2.0.0 Accepted as *
                C: QUIT
                S: 221 2.0.0 Bye
                """
            ).run(client, mode)
            let message = try await server.inbox("bob").first
            #expect(message?.contains("with ESMTPSA (TLSv1.3)\r\n") == true)
            #expect(message?.contains("\r\nDate: ") == true)
            #expect(message?.contains("\r\nMessage-ID: <") == true)
            #expect(try await server.queued() == ["carol@elsewhere.example"])
        }
    }

    @Test func senderMustBeOnesOwn() async throws {
        try await TestServer.run(.submissions) { server in
            let client = try await server.connect(tls: true)
            _ = await client.reply()
            _ = try await client.command("EHLO x")
            #expect(try await client.command("AUTH PLAIN \(Self.plain("alice@example.test"))").hasPrefix("235"))
            let foreign = try await client.command("MAIL FROM:<bob@example.test>")
            #expect(foreign.hasPrefix("55") && foreign.contains(" 5.7.1 "))
            #expect(try await client.command("MAIL FROM:<alice@example.test>").hasPrefix("250"))
            #expect(try await client.command("RCPT TO:<bob@example.test>").hasPrefix("250"))
            #expect(try await client.command("DATA").hasPrefix("354"))
            let refused = try await client.command("From: bob@example.test\n\nx\n.")
            #expect(refused.hasPrefix("55") && refused.contains(" 5.7.1 "))
            #expect(try await client.command("QUIT").hasPrefix("221"))
            #expect(try await server.inbox("bob") == [])
        }
    }

    @Test func passwordsNeedTLS() async throws {
        try await TestServer.run(.submission) { server in
            let client = try await server.connect()
            _ = await client.reply()
            let plaintext = try await client.command("EHLO x")
            #expect(plaintext.contains("STARTTLS"))
            #expect(!plaintext.contains("PLAIN") && plaintext.contains("AUTH SCRAM-SHA-256"))
            #expect(try await client.command("AUTH PLAIN \(Self.plain("alice@example.test"))").hasPrefix("538 5.7.11 "))
            #expect(try await client.command("AUTH SCRAM-SHA-256-PLUS").hasPrefix("504 "))
            #expect(try await client.command("AUTH CRAM-MD5").hasPrefix("504 5.5.4 "))
            #expect(try await client.command("STARTTLS").hasPrefix("220 2.0.0 "))
            try await client.startTLS()
            #expect(try await client.command("MAIL FROM:<>").hasPrefix("503 "))
            let encrypted = try await client.command("EHLO x")
            #expect(!encrypted.contains("STARTTLS") && encrypted.contains("PLAIN"))
            #expect(try await client.command("AUTH PLAIN \(Self.plain("alice@example.test"))").hasPrefix("235 2.7.0 "))
            #expect(try await client.command("STARTTLS").hasPrefix("503 "))
            #expect(try await client.command("QUIT").hasPrefix("221"))
        }
    }

    @Test func whatComesBeforeTheHandshakeIsDiscarded() async throws {
        try await TestServer.run(.submission) { server in
            let client = try await server.connect()
            _ = await client.reply()
            _ = try await client.command("EHLO x")
            #expect(try await client.command("STARTTLS\nEHLO injected\nNOOP").hasPrefix("220 2.0.0 "))
            try await client.startTLS()
            #expect(try await client.command("HELO real") == "250 mx.example.test")
        }
    }

    @Test func demandsTLSIfTold() async throws {
        try await TestServer.run(.submission, { $0.demandsTLS = true }) { server in
            let client = try await server.connect()
            _ = await client.reply()
            #expect(try await !client.command("EHLO x").contains("AUTH"))
            #expect(try await client.command("AUTH SCRAM-SHA-256").hasPrefix("530 5.7.0 "))
            #expect(try await client.command("MAIL FROM:<>").hasPrefix("530 5.7.0 "))
        }
    }

    @Test func loginMechanismAndWrongPasswords() async throws {
        try await TestServer.run(.submission, { $0.allowsPlaintextAuthentication = true }) { server in
            let client = try await server.connect()
            _ = await client.reply()
            #expect(try await client.command("EHLO x").contains("PLAIN LOGIN"))
            #expect(
                try await client.command("AUTH PLAIN \(Self.plain("alice@example.test", "wrong"))").hasPrefix(
                    "535 5.7.8 "))
            #expect(try await client.command("AUTH PLAIN \(Self.plain("nobody@example.test"))").hasPrefix("535 5.7.8 "))
            #expect(try await client.command("AUTH PLAIN") == "334 ")
            #expect(try await client.command("*").hasPrefix("501 5.7.0 "))
            #expect(try await client.command("AUTH LOGIN").hasPrefix("334 "))
            #expect(try await client.command(Base64.string("alice@example.test".utf8)).hasPrefix("334 "))
            #expect(try await client.command(Base64.string(TestServer.password.utf8)).hasPrefix("235 2.7.0 "))
        }
    }

    /// The last reply of a SCRAM exchange.
    private func scram(_ mechanism: String, _ login: SCRAMClient, _ client: TestClient) async throws -> String {
        let first = try await client.command("AUTH \(mechanism) \(login.first)")
        guard first.hasPrefix("334 "), let final = login.final(answering: String(first.dropFirst(4))) else {
            return first
        }
        let last = try await client.command(final)
        // The server's signature; the client has nothing to add.
        return last.hasPrefix("334 ") ? try await client.command("") : last
    }

    @Test func scramNeedsNoTLS() async throws {
        try await TestServer.run(.submission) { server in
            let client = try await server.connect()
            _ = await client.reply()
            _ = try await client.command("EHLO x")
            let wrong = SCRAMClient(user: "alice@example.test", password: "wrong")
            #expect(try await scram("SCRAM-SHA-256", wrong, client).hasPrefix("535 5.7.8 "))
            let stranger = SCRAMClient(user: "nobody@example.test", password: TestServer.password)
            #expect(try await scram("SCRAM-SHA-256", stranger, client).hasPrefix("535 5.7.8 "))
            let right = SCRAMClient(user: "alice@example.test", password: TestServer.password)
            #expect(try await scram("SCRAM-SHA-256", right, client).hasPrefix("235 2.7.0 "))
            #expect(try await client.command("MAIL FROM:<alice@example.test>").hasPrefix("250 "))
        }
    }

    @Test func scramPlusIsBoundToTheChannel() async throws {
        try await TestServer.run(.submissions) { server in
            let client = try await server.connect(tls: true)
            _ = await client.reply()
            _ = try await client.command("EHLO x")
            var login = SCRAMClient(user: "alice@example.test", password: TestServer.password)
            login.header = "p=tls-server-end-point,,"
            login.binding = Array("another channel".utf8)
            #expect(try await scram("SCRAM-SHA-256-PLUS", login, client).hasPrefix("535 5.7.8 "))
            login.binding = TestIdentity.binding
            #expect(try await scram("SCRAM-SHA-256-PLUS", login, client).hasPrefix("235 2.7.0 "))
        }
    }

    @Test func tooManyWrongPasswordsEndTheSession() async throws {
        try await TestServer.run(
            .submission,
            {
                $0.allowsPlaintextAuthentication = true; $0.authenticationLimit = 2
            }
        ) { server in
            let client = try await server.connect()
            try await client.send("EHLO x\n")
            for _ in 0..<2 { try await client.send("AUTH PLAIN \(Self.plain("alice@example.test", "wrong"))\n") }
            #expect(await client.rest().last == "421 4.7.0 Too many failed authentications; closing")
        }
    }

    @Test func aNewPasswordEndsTheSession() async throws {
        try await TestServer.run(.submissions) { server in
            let client = try await server.connect(tls: true)
            _ = await client.reply()
            _ = try await client.command("EHLO x")
            #expect(try await client.command("AUTH PLAIN \(Self.plain("alice@example.test"))").hasPrefix("235"))
            try await server.administration.setPassword(
                "another long password", account: "alice@example.test", actor: .system)
            #expect(await client.rest().last?.hasPrefix("421 4.7.0 ") == true)
        }
    }
}
