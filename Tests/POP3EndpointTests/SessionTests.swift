import Accounts
import Bytes
import MailModel
import MailStore
import NIOCore
import POP3Endpoint
import Testing

@Suite struct SessionTests {
    private func withServer(
        policy: POP3Policy = .leaveOnServer, plaintext: Bool = true, _ body: (Server, Client) async throws -> Void
    ) async throws {
        let server = try await Server(policy: policy) { $0.allowsPlaintextAuthentication = plaintext }
        let client = try await Client.connect(to: server.address)
        try await body(server, client)
        await client.close()
        await server.stop()
    }

    /// RFC 1939 §4, RFC 2449 §8.1.2.
    @Test func oneSessionAtATime() async throws {
        try await withServer { server, first in
            try await first.logIn()
            let second = try await Client.connect(to: server.address)
            _ = await second.line()
            _ = try await second.ask("USER tim@example.test")
            #expect(try await second.ask("PASS tanstaaf")?.hasPrefix("-ERR [IN-USE] ") == true)
            _ = try await first.ask("QUIT")
            _ = await first.line()
            _ = try await second.ask("USER tim@example.test")
            #expect(try await second.ask("PASS tanstaaf")?.hasPrefix("+OK ") == true)
            await second.close()
        }
    }

    @Test func theMaildropIsThatOfTheLogin() async throws {
        try await withServer { server, client in
            try await server.add("Subject: a\r\n\r\n")
            try await server.add("Subject: deleted\r\n\r\n", flags: .deleted)
            let last = try await server.add("Subject: b\r\n\r\n")
            try await client.logIn()
            try await server.add("Subject: later\r\n\r\n")
            #expect(try await client.ask("STAT") == "+OK 2 28")
            #expect(try await client.ask("UIDL 2") == "+OK 2 \(last)")
            _ = try await server.store.expunge(.all, in: SystemFolder.inbox, onlyDeleted: false)
            #expect(try await client.ask("STAT") == "+OK 2 28")
            #expect(try await client.ask("DELE 2")?.hasPrefix("+OK") == true)
            #expect(try await client.ask("QUIT") == "+OK Goodbye.")
        }
    }

    @Test func messagesExpire() async throws {
        try await withServer(policy: .expireAfter(days: 7)) { server, client in
            try await server.add("Subject: old and read\r\n\r\n", flags: .seen, daysOld: 8)
            try await server.add("Subject: old, fetched now\r\n\r\n", daysOld: 8)
            try await server.add("Subject: old, never fetched\r\n\r\n", daysOld: 800)
            try await server.add("Subject: young and read\r\n\r\n", flags: .seen, daysOld: 6)
            try await client.logIn()
            #expect(try await client.ask("RETR 2") == "+OK 29 octets")
            #expect(await client.lines().count == 2)
            _ = try await client.ask("CAPA")
            #expect(await client.lines().contains("EXPIRE 7"))
            #expect(try await client.ask("QUIT") == "+OK Goodbye.")
            let count = try await server.inbox.count
            #expect(count == 2)
        }
    }

    @Test func startTLS() async throws {
        try await withServer(plaintext: false) { server, client in
            try await server.add("Subject: a\r\n\r\n")
            _ = await client.line()
            _ = try await client.ask("CAPA")
            let before = await client.lines()
            #expect(before.contains("STLS") && !before.contains("USER") && before.contains("SASL SCRAM-SHA-256"))
            #expect(try await client.ask("USER tim@example.test")?.hasPrefix("-ERR ") == true)
            #expect(try await client.ask("AUTH PLAIN")?.hasPrefix("-ERR ") == true)
            #expect(try await client.ask("STLS") == "+OK Begin TLS now.")
            try await client.startTLS()
            _ = try await client.ask("CAPA")
            let after = await client.lines()
            #expect(!after.contains("STLS") && after.contains("USER"))
            #expect(after.contains("SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN"))
            #expect(try await client.ask("STLS")?.hasPrefix("-ERR ") == true)
            _ = try await client.ask("USER tim@example.test")
            #expect(try await client.ask("PASS tanstaaf") == "+OK 1 messages (14 octets)")
        }
    }

    @Test func aDisabledAccountLosesItsSession() async throws {
        try await withServer { server, client in
            try await client.logIn()
            var record = server.account
            record.isEnabled = false
            try await server.shard.directory.updateAccount(record, actor: .system)
            #expect(await client.line()?.hasPrefix("-ERR [AUTH] ") == true)
            #expect(await client.line() == nil)
        }
    }

    @Test func shutdownEndsTheSessionWithoutDeleting() async throws {
        try await withServer { server, client in
            try await server.add("Subject: a\r\n\r\n")
            try await client.logIn()
            _ = try await client.ask("DELE 1")
            await server.stop()
            #expect(await client.line() == "-ERR [SYS/TEMP] The server is shutting down.")
            #expect(await client.line() == nil)
            let count = try await server.inbox.count
            #expect(count == 1)
        }
    }

    @Test func aLargeMessageComesWhole() async throws {
        try await withServer { server, client in
            let line = String(repeating: "x", count: 70) + "\r\n.dot\n"
            let count = 40_000
            try await server.add("Subject: large\r\n\r\n" + String(repeating: line, count: count))
            try await client.logIn()
            try await client.send("RETR 1\r\nNOOP\r\n")
            #expect(await client.line() == "+OK \(18 + count * 77) octets")
            let lines = await client.lines()
            #expect(lines.count == 2 + 2 * count)
            #expect(lines.last == "..dot")
            #expect(await client.line() == "+OK")
        }
    }

    @Test func aLongListing() async throws {
        try await withServer { server, client in
            for _ in 0..<2100 { try await server.add("a: b\r\n\r\n") }
            try await client.logIn()
            try await client.send("UIDL\r\nLIST\r\nUIDL 2000\r\n")
            _ = await client.line()
            let ids = await client.lines()
            _ = await client.line()
            #expect(await client.lines().count == 2100)
            #expect(ids.count == 2100)
            #expect(Set(ids.map { $0.split(separator: " ")[1] }).count == 2100)
            #expect(await client.line() == "+OK \(ids[1999])")
        }
    }

    @Test func tooManyErrorsEndTheSession() async throws {
        try await withServer { _, client in
            _ = await client.line()
            try await client.send(String(repeating: "X\r\n", count: 30))
            var last: String?
            while let line = await client.line() { last = line }
            #expect(last == "-ERR Too many errors.")
        }
    }

    /// RFC 1939 §3: without removing any messages or sending any response.
    @Test func silenceEndsTheSession() async throws {
        let server = try await Server(policy: .deleteAfterDownload) { $0.idleTimeout = .seconds(2) }
        try await server.add("Subject: a\r\n\r\n")
        let client = try await Client.connect(to: server.address)
        try await client.logIn()
        #expect(try await client.ask("DELE 1")?.hasPrefix("+OK ") == true)
        #expect(await client.line() == nil)
        let count = try await server.inbox.count
        #expect(count == 1)
        // The lock went with the session.
        let next = try await Client.connect(to: server.address)
        try await next.logIn()
        #expect(try await next.ask("STAT") == "+OK 1 14")
        await next.close()
        await server.stop()
    }

    @Test func scram() async throws {
        try await withServer(plaintext: false) { _, client in
            _ = await client.line()
            let bare = "n=tim@example.test,r=fyko"
            let first = try #require(try await client.ask("AUTH SCRAM-SHA-256 \(Base64.string("n,,\(bare)".utf8))"))
            let challenge = String(decoding: try #require(Base64.decode(first.dropFirst(2).utf8)), as: UTF8.self)
            #expect(challenge.hasPrefix("r=fyko") && challenge.hasSuffix(",s=AQIDBAUGBwgJCgsMDQ4PEA==,i=100"))
            let nonce = challenge.split(separator: ",")[0]
            let final = try await client.ask(
                Base64.string(
                    "c=biws,\(nonce),p=\(SCRAMProof.make("tanstaaf", bare, challenge, "c=biws,\(nonce)"))".utf8))
            #expect(final?.hasPrefix("+ ") == true)
            #expect(try await client.ask("") == "+OK 0 messages (0 octets)")
        }
    }

    @Test func tooManyFailedLoginsEndTheSession() async throws {
        try await withServer { _, client in
            _ = await client.line()
            try await client.send(String(repeating: "USER tim@example.test\r\nPASS wrong\r\n", count: 10))
            var failures = 0
            while let line = await client.line() { if line.hasPrefix("-ERR [AUTH]") { failures += 1 } }
            #expect(failures == 5)
        }
    }

    @Test func aMessageThatIsGone() async throws {
        try await withServer { server, client in
            try await server.add("Subject: a\r\n\r\n")
            try await client.logIn()
            _ = try await server.store.expunge(.all, in: SystemFolder.inbox, onlyDeleted: false)
            _ = try await server.shard.purge(now: Server.now.adding(seconds: 86_400 * 365))
            #expect(try await client.ask("RETR 1") == "-ERR The message is gone.")
            #expect(try await client.ask("UIDL 1")?.hasPrefix("+OK 1 ") == true)
            #expect(try await client.ask("NOOP") == "+OK")
        }
    }
}
