import Bytes
import MailModel
import MailStore
import Testing

/// Whole conversations; `{id1}` in a script stands for the first message's id.
@Suite struct ConversationTests {
    private static let first = "Subject: one\r\n\r\nHello\r\n.\r\n..dots\r\nend\r\n"
    private static let second = "Subject: two\r\nX: y\r\n\r\n1\r\n2\r\n3"

    private func run(
        _ script: String, _ delivery: Conversation.Delivery, policy: POP3Policy = .leaveOnServer,
        after: (Server) async throws -> Void = { _ in }, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let server = try await Server(policy: policy)
        let ids = [try await server.add(Self.first), try await server.add(Self.second)]
        var script = script
        for (number, id) in ids.enumerated() {
            script = script.split(separator: "{id\(number + 1)}", omittingEmptySubsequences: false).joined(
                separator: "\(id)")
        }
        try await Conversation(script).run(on: server, delivery, sourceLocation: sourceLocation)
        try await after(server)
        await server.stop()
    }

    @Test(arguments: Conversation.Delivery.allCases)
    func aWholeSession(delivery: Conversation.Delivery) async throws {
        let script = """
            S: +OK mail.example.test Martlet POP3 server ready.
            C: CAPA
            S: +OK *
            S: TOP
            S: UIDL
            S: RESP-CODES
            S: AUTH-RESP-CODE
            S: PIPELINING
            S: UTF8 USER
            S: STLS
            S: USER
            S: SASL SCRAM-SHA-256 PLAIN LOGIN
            S: EXPIRE 0 USER
            S: IMPLEMENTATION Martlet
            S: .
            C: STAT
            S: -ERR Log in first.
            C: USER tim@example.test
            S: +OK *
            C: PASS tanstaaf
            S: +OK 2 messages (68 octets)
            C: STAT
            S: +OK 2 68
            C: LIST
            S: +OK 2 messages (68 octets)
            S: 1 39
            S: 2 29
            S: .
            C: LIST 2
            S: +OK 2 29
            C: LIST 3
            S: -ERR No such message.
            C: UIDL
            S: +OK *
            S: 1 {id1}
            S: 2 {id2}
            S: .
            C: UIDL 2
            S: +OK 2 {id2}
            C: RETR 1
            S: +OK 39 octets
            S: Subject: one
            S:
            S: Hello
            S: ..
            S: ...dots
            S: end
            S: .
            C: TOP 2 2
            S: +OK *
            S: Subject: two
            S: X: y
            S:
            S: 1
            S: 2
            S: .
            C: RETR 2
            S: +OK 29 octets
            S: Subject: two
            S: X: y
            S:
            S: 1
            S: 2
            S: 3
            S: .
            C: DELE 1
            S: +OK *
            C: RETR 1
            S: -ERR No such message.
            C: LIST
            S: +OK 1 messages (29 octets)
            S: 2 29
            S: .
            C: RSET
            S: +OK 2 messages (68 octets)
            C: NOOP
            S: +OK
            C: CAPA
            S: +OK *
            S: TOP
            S: UIDL
            S: RESP-CODES
            S: AUTH-RESP-CODE
            S: PIPELINING
            S: UTF8 USER
            S: USER
            S: SASL SCRAM-SHA-256 PLAIN LOGIN
            S: EXPIRE NEVER
            S: IMPLEMENTATION Martlet
            S: .
            C: DELE 2
            S: +OK *
            C: QUIT
            S: +OK Goodbye.
            end
            """
        try await run(script, delivery) { server in
            let inbox = try await server.inbox
            #expect(inbox.count == 1)
            #expect(inbox.unseen == 0)
            let recoverable = try await server.store.recoverable(limit: 10)
            #expect(recoverable.count == 1)
        }
    }

    @Test(arguments: Conversation.Delivery.allCases)
    func loginsThatFail(delivery: Conversation.Delivery) async throws {
        let script = """
            S: +OK *
            C: PASS tanstaaf
            S: -ERR Send USER first.
            C: USER tim@example.test
            S: +OK *
            C: PASS wrong
            S: -ERR [AUTH] User name or password is wrong.
            C: USER nobody@example.test
            S: +OK *
            C: PASS tanstaaf
            S: -ERR [AUTH] User name or password is wrong.
            C: AUTH CRAM-MD5
            S: -ERR This mechanism is not offered here.
            C: AUTH PLAIN AAA
            S: -ERR *
            C: AUTH PLAIN
            S: + 
            C: *
            S: -ERR Authentication cancelled.
            C: AUTH PLAIN \(Base64.string("tim".utf8))
            S: -ERR The authentication exchange was malformed.
            C: APOP tim c4c9334bac560ecc979e58001b3e22fb
            S: -ERR APOP is not supported.
            C: LANG
            S: -ERR LANG is not supported.
            C: FOO
            S: -ERR Unknown command.
            C: AUTH PLAIN \(Base64.string("\u{0}tim@example.test\u{0}bad".utf8))
            S: -ERR [AUTH] *
            C: AUTH LOGIN
            S: + VXNlcm5hbWU6
            C: \(Base64.string("tim@example.test".utf8))
            S: + UGFzc3dvcmQ6
            C: \(Base64.string("worse".utf8))
            S: -ERR [AUTH] *
            end
            """
        try await run(script, delivery)
    }

    @Test(arguments: Conversation.Delivery.allCases)
    func authPlain(delivery: Conversation.Delivery) async throws {
        let script = """
            S: +OK *
            C: AUTH
            S: +OK *
            S: SCRAM-SHA-256
            S: PLAIN
            S: LOGIN
            S: .
            C: UTF8
            S: +OK *
            C: STLS
            S: -ERR *
            C: AUTH PLAIN
            S: + 
            C: \(Base64.string("\u{0}tim@example.test\u{0}tanstaaf".utf8))
            S: +OK 2 messages *
            C: AUTH PLAIN
            S: -ERR You are logged in already.
            C: QUIT
            S: +OK Goodbye.
            end
            """
        try await run(script, delivery) { server in
            let inbox = try await server.inbox
            #expect(inbox.count == 2 && inbox.unseen == 2)
        }
    }

    @Test(arguments: Conversation.Delivery.allCases)
    func deleteAfterDownload(delivery: Conversation.Delivery) async throws {
        let script = """
            S: +OK *
            C: USER tim@example.test
            S: +OK *
            C: PASS tanstaaf
            S: +OK *
            C: TOP 1 0
            S: +OK *
            S: Subject: one
            S:
            S: .
            C: RETR 2
            S: +OK *
            S: Subject: two
            S: X: y
            S:
            S: 1
            S: 2
            S: 3
            S: .
            C: QUIT
            S: +OK Goodbye.
            end
            """
        try await run(script, delivery, policy: .deleteAfterDownload) { server in
            let count = try await server.inbox.count
            #expect(count == 1)
        }
    }

    @Test func withoutQuitNothingIsDeleted() async throws {
        let script = """
            S: +OK *
            C: USER tim@example.test
            S: +OK *
            C: PASS tanstaaf
            S: +OK *
            C: DELE 1
            S: +OK *
            C: RETR 2
            S: +OK *
            """
        try await run(script, .lineByLine, policy: .deleteAfterDownload) { server in
            let count = try await server.inbox.count
            #expect(count == 2)
        }
    }
}
