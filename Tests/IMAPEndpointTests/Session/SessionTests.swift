import Accounts
import IMAPEndpoint
import MailModel
import MailStore
import NIOCore
import Testing

/// What takes more than a conversation to show.
@Suite struct SessionTests {
    private static let login = "l LOGIN alice@example.test \"\(ConversationServer.password)\""

    private func withServer(
        options: Set<String> = [], _ change: (inout IMAPSettings) -> Void = { _ in },
        _ body: (ConversationServer, ConversationClient) async throws -> Void
    ) async throws {
        let server = try await ConversationServer(options: options, change)
        let client = try await ConversationClient(server.address)
        _ = await client.line()
        try await body(server, client)
        await client.close()
        await server.stop()
    }

    /// RFC 9051 §6.2.1: what came before TLS does not count, nor does what was slipped in behind STARTTLS.
    @Test func startTLS() async throws {
        try await withServer(options: ["tls", "noplaintext"]) { _, client in
            let before = await client.ask("a1 CAPABILITY")
            #expect(before[0].hasSuffix(" STARTTLS LOGINDISABLED AUTH=SCRAM-SHA-256 IDLE"))
            client.send("a2 STARTTLS\r\na3 NOOP\r\n")
            #expect(await client.line() == "a2 OK Begin TLS negotiation now")
            try await client.startTLS()
            let after = await client.ask("a4 CAPABILITY")
            #expect(after[0].hasSuffix(" AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN IDLE"))
            #expect(!after[0].contains("LOGINDISABLED") && !after[0].contains("STARTTLS"))
            #expect(after.count == 2)
            #expect(await client.ask("a5 STARTTLS") == ["a5 BAD TLS is already on"])
            #expect(await client.ask(Self.login).last?.hasPrefix("l OK") == true)
        }
    }

    @Test func aDisabledAccountLosesItsSession() async throws {
        try await withServer { server, client in
            _ = await client.ask(Self.login)
            var change = AccountChange()
            change.isEnabled = false
            _ = try await server.administration.setAccount("alice@example.test", change, actor: .system)
            #expect(await client.line() == "* BYE You may no longer use this session")
            #expect(await client.line() == nil)
        }
    }

    @Test func aNewPasswordEndsOldSessions() async throws {
        try await withServer { server, client in
            _ = await client.ask(Self.login)
            client.send("a1 IDLE\r\n")
            #expect(await client.line() == "+ idling")
            try await server.administration.setPassword(
                "quite another one", account: "alice@example.test", actor: .system)
            #expect(await client.line() == "* BYE You may no longer use this session")
        }
    }

    @Test func shutdown() async throws {
        try await withServer { server, client in
            _ = await client.ask(Self.login)
            await server.stop()
            #expect(await client.line() == "* BYE [UNAVAILABLE] The server is shutting down")
            #expect(await client.line() == nil)
        }
    }

    @Test func silenceEndsTheSession() async throws {
        try await withServer({ $0.loginTimeout = .milliseconds(50) }) { _, client in
            #expect(await client.line() == "* BYE Autologout: idle for too long")
            #expect(await client.line() == nil)
        }
        try await withServer({ $0.idleTimeout = .milliseconds(50) }) { _, client in
            client.send(Self.login + "\r\na1 IDLE\r\n")
            #expect(await client.line()?.hasPrefix("l OK ") == true)
            #expect(await client.line() == "+ idling")
            #expect(await client.line() == "* BYE Autologout: idle for too long")
        }
    }

    /// Large replies pass the connection's back-pressure, large uploads the stager's.
    @Test func largeMessages() async throws {
        try await withServer { _, client in
            _ = await client.ask(Self.login)
            let line = String(repeating: "x", count: 76)
            let body = "Subject: large\r\n\r\n" + String(repeating: line + "\r\n", count: 40_000)
            client.send("a1 APPEND INBOX {\(body.utf8.count)+}\r\n" + body + "\r\n")
            #expect(await client.line()?.hasPrefix("a1 OK [APPENDUID ") == true)
            _ = await client.ask("a2 EXAMINE INBOX")
            let reply = await client.ask("a3 FETCH 1 (BODY[TEXT] RFC822.SIZE)")
            #expect(reply[0] == "* 1 FETCH (RFC822.SIZE \(body.utf8.count) BODY[TEXT] {\(40_000 * 78)}")
            #expect(reply.count == 40_003)
            #expect(reply[40_000] == line && reply[40_001] == ")")
        }
    }

    /// Every message of a folder at once: expunged, moved, flagged.
    @Test func manyMessages() async throws {
        try await withServer { server, client in
            for _ in 0..<3000 {
                try await server.deliver(Conversation.Message(mailbox: "INBOX", flags: [], lines: ["Subject: x", ""]))
            }
            _ = await client.ask(Self.login)
            #expect(await client.ask("a1 SELECT INBOX").contains("* 3000 EXISTS"))
            #expect(await client.ask("a2 STORE 1:* +FLAGS (\\Seen)").count == 3001)
            #expect(await client.ask("a3 UID MOVE 1:1000 Archive").filter { $0.hasSuffix("EXPUNGE") }.count == 1000)
            #expect(await client.ask("a4 STORE 1:1000 +FLAGS.SILENT (\\Deleted)").count == 1)
            let expunged = await client.ask("a5 EXPUNGE")
            #expect(expunged.count == 1001)
            #expect(expunged[0] == "* 1000 EXPUNGE")
            let left = await client.ask("a6 FETCH 1:* UID")
            #expect(left.count == 1001)
            #expect(left[0] == "* 1 FETCH (UID 2001)" && left[999] == "* 1000 FETCH (UID 3000)")
        }
    }
}
