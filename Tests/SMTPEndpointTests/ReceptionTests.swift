import Accounts
import MailStore
import NIOCore
import SMTPEndpoint
import SessionIO
import Testing

/// Port 25: mail from strangers.
@Suite(.timeLimit(.minutes(1))) struct ReceptionTests {
    @Test(arguments: Conversation.Mode.allCases)
    func takesAMessage(mode: Conversation.Mode) async throws {
        try await TestServer.run(.reception) { server in
            let client = try await server.connect()
            try await Conversation(
                """
                S: 220 mx.example.test ESMTP Martlet
                C: EHLO client.example.org
                S: 250-mx.example.test greets client.example.org
                S: 250-SIZE 52428800
                S: 250-PIPELINING
                S: 250-8BITMIME
                S: 250-SMTPUTF8
                S: 250-ENHANCEDSTATUSCODES
                S: 250-CHUNKING
                S: 250-BINARYMIME
                S: 250-DSN
                S: 250 STARTTLS
                C: MAIL FROM:<carol@example.org> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=abc
                C: RCPT TO:<alice@example.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;alice@example.test
                C: RCPT TO:<nobody@example.test>
                C: RCPT TO:<dave@elsewhere.example>
                C: DATA
                S: 250 2.1.0 *
                S: 250 2.1.5 *
                S: 550 5.1.1 *
                S: 550 5.7.1 *
                S: 354 *
                C: From: carol@example.org
                C: To: alice@example.test
                C: Subject: dots
                C:
                C: ..one
                C: ...two
                C: .
                S: 250 2.0.0 Accepted as *
                C: QUIT
                S: 221 2.0.0 Bye
                S: (closed)
                """
            ).run(client, mode)
            let inbox = try await server.inbox("alice")
            #expect(inbox.count == 1)
            #expect(inbox.first?.hasSuffix("\r\n\r\n.one\r\n..two\r\n") == true)
            #expect(inbox.first?.contains("with ESMTP\r\n") == true)
            // The report that NOTIFY=SUCCESS asked for.
            #expect(try await server.queued() == ["carol@example.org"])
        }
    }

    @Test(arguments: Conversation.Mode.allCases)
    func takesChunks(mode: Conversation.Mode) async throws {
        try await TestServer.run(.reception) { server in
            let client = try await server.connect()
            try await Conversation(
                """
                S: 220 *
                C: EHLO x
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250-*
                S: 250 *
                C: MAIL FROM:<> BODY=BINARYMIME
                C: RCPT TO:<bob@example.test>
                S: 250 2.1.0 *
                S: 250 2.1.5 *
                C: BDAT 26
                C: From: mailer@example.org
                C: BDAT 9 LAST
                C:
                C: hello
                C: NOOP
                S: 250 2.0.0 26 octets received
                S: 250 2.0.0 Accepted as *
                S: 250 2.0.0 OK
                """
            ).run(client, mode)
            #expect(try await server.inbox("bob").first?.hasSuffix("From: mailer@example.org\r\n\r\nhello\r\n") == true)
        }
    }

    @Test(arguments: [
        ("MAIL FROM:<a@example.org> SIZE=99999999999", "552 5.3.4"),
        ("MAIL FROM:<a@example.org> REQUIRETLS", "555 5.5.4"),
        ("MAIL FROM:<d\u{f6}rte@example.org>", "550 5.6.7"),
        ("RCPT TO:<alice@example.test>", "503 5.5.1"),
        ("AUTH PLAIN AGEAYg==", "502 5.5.1"),
        ("VRFY alice", "252 2.5.0"),
        ("EXPN staff", "502 5.5.1"),
        ("HELP", "214-2.0.0"),
        ("FROB", "500 5.5.2"),
        ("NOOP x", "250 2.0.0"),
    ])
    func answers(command: String, code: String) async throws {
        try await TestServer.run(.reception) { server in
            let client = try await server.connect()
            _ = await client.reply()
            _ = try await client.command("EHLO x")
            #expect(try await client.command(command).hasPrefix(code + " "))
            #expect(try await client.command("QUIT").hasPrefix("221"))
        }
    }

    @Test func postmasterNeedsNoDomain() async throws {
        try await TestServer.run(.reception) { server in
            _ = try await server.administration.setAlias(
                "postmaster@example.test", targets: ["alice@example.test"], isGroup: false, actor: .system)
            let client = try await server.connect()
            try await client.send(
                "HELO x\nMAIL FROM:<>\nRCPT TO:<PostMaster>\nDATA\nFrom: a@b.example\n\nhelp\n.\nQUIT\n")
            let lines = await client.rest()
            #expect(lines.map { $0.prefix(3) } == ["220", "250", "250", "250", "354", "250", "221"])
            let message = try await server.inbox("alice").first
            #expect(message?.contains("with SMTP\r\n") == true)
        }
    }

    @Test func refusesBareLineEndsAfterTheTrueEnd() async throws {
        try await TestServer.run(.reception) { server in
            let client = try await server.connect()
            try await client.sendExactly(
                Array(
                    ("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\n"
                        + "From: a@b.example\r\n\r\nx\n.\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<bob@example.test>\r\n"
                        + "DATA\r\nsmuggled\r\n.\r\nQUIT\r\n").utf8))
            let lines = await client.rest()
            #expect(lines.suffix(3).map { $0.prefix(10) } == ["354 Start ", "550 5.6.11", "221 2.0.0 "])
            #expect(try await server.inbox("alice") == [])
            #expect(try await server.inbox("bob") == [])
        }
    }

    @Test func countsSizeWhateverWasDeclared() async throws {
        try await TestServer.run(.reception, { $0.messageLimit = 1000 }) { server in
            let client = try await server.connect()
            let line = String(repeating: "x", count: 100) + "\n"
            try await client.send(
                "EHLO x\nMAIL FROM:<> SIZE=10\nRCPT TO:<alice@example.test>\nDATA\nFrom: a@b.example\n\n"
                    + String(repeating: line, count: 20) + ".\nQUIT\n")
            #expect(await client.rest().suffix(2).first?.hasPrefix("552 5.3.4 ") == true)
            #expect(try await server.inbox("alice") == [])
        }
    }

    @Test func limitsRecipients() async throws {
        try await TestServer.run(.reception, { $0.recipientLimit = 1 }) { server in
            let client = try await server.connect()
            try await client.send(
                "EHLO x\nMAIL FROM:<>\nRCPT TO:<alice@example.test>\nRCPT TO:<bob@example.test>\nDATA\nFrom: a@b.example\n\n.\nQUIT\n"
            )
            let lines = await client.rest()
            #expect(lines.contains { $0.hasPrefix("452 4.5.3 ") })
            #expect(try await server.inbox("alice").count == 1)
            #expect(try await server.inbox("bob") == [])
        }
    }

    @Test func detectsLoops() async throws {
        try await TestServer.run(.reception) { server in
            let client = try await server.connect()
            let received = String(repeating: "Received: from a by b; Thu, 1 Jan 2026 00:00:00 +0000\n", count: 101)
            try await client.send(
                "EHLO x\nMAIL FROM:<>\nRCPT TO:<alice@example.test>\nDATA\n\(received)From: a@b.example\n\nx\n.\nQUIT\n"
            )
            #expect(await client.rest().suffix(2).first?.hasPrefix("554 5.4.6 ") == true)
        }
    }

    @Test("RFC 2920 §3.2: the replies of a group leave in one write")
    func repliesAreGathered() async throws {
        try await TestServer.run(.reception) { server in
            let client = try await server.connect()
            _ = await client.reply()
            _ = try await client.command("EHLO x")
            let before = client.reads
            try await client.send("MAIL FROM:<>\nRCPT TO:<alice@example.test>\nRSET\nMAIL FROM:<>\nNOOP\n")
            for _ in 0..<5 { _ = await client.reply() }
            #expect(client.reads == before + 1)
        }
    }

    @Test func errorsEndTheSession() async throws {
        try await TestServer.run(.reception, { $0.errorLimit = 3 }) { server in
            let client = try await server.connect()
            try await client.send("FOO\nBAR\nBAZ\nQUX\n")
            #expect(await client.rest().last == "421 4.7.0 Too many errors; closing")
        }
    }

    @Test func silenceEndsTheSession() async throws {
        try await TestServer.run(.reception, { $0.timeout = .milliseconds(20) }) { server in
            let client = try await server.connect()
            #expect(await client.rest() == ["220 mx.example.test ESMTP Martlet", "421 4.4.2 Time-out; closing"])
        }
    }

    @Test func shutdownIsTold() async throws {
        try await TestServer.run(.reception) { server in
            let client = try await server.connect()
            _ = await client.reply()
            async let last = client.rest()
            await server.server.shutDown(grace: .seconds(60))
            #expect(await last == ["421 4.3.2 Service shutting down; try again later"])
        }
    }

    @Test func aBrokenConnectionLeavesNothing() async throws {
        try await TestServer.run(.reception) { server in
            let client = try await server.connect()
            try await client.send("EHLO x\nMAIL FROM:<>\nRCPT TO:<alice@example.test>\nDATA\nFrom: a@b.example\n\nhalf")
            client.close()
            _ = await client.rest()
            await server.server.shutDown(grace: .seconds(60))
            #expect(try await server.inbox("alice") == [])
        }
    }
}
