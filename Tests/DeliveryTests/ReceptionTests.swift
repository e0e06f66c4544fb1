import Accounts
import Delivery
import MailModel
import MailStore
import NIOCore
import Testing

@Suite struct ReceptionTests {
    @Test func storedBehindTraceHeaders() async throws {
        let fixture = try await Fixture()
        let receipt = try await fixture.send(
            fixture.reception(), from: "sender@elsewhere.example", to: ["Bob@Example.org"], complete)
        #expect(receipt.stored == 1 && receipt.queued == 0 && receipt.failed == 0)
        let text = try #require(try await fixture.inbox(of: "bob@example.org").first)
        #expect(
            text == """
                Return-Path: <sender@elsewhere.example>\r
                Received: from client.example ([192.0.2.9])\r
                \tby mx.example.org with ESMTP\r
                \tid \(receipt.delivery)\r
                \tfor <Bob@example.org>;\r
                \tSat, 21 Nov 2026 07:40:00 +0000\r

                """ + complete)
        #expect(text.utf8.count == receipt.size)
        #expect(
            try await fixture.trace(TraceFilter(delivery: receipt.delivery)) == [
                "accept accepted 250", "deliver stored bob@example.org",
            ])
        #expect(try await fixture.trace(TraceFilter(messageID: "<m1@example.org>")).count == 2)
    }

    @Test(arguments: [1, 2, 3, 7, 50, 1000])
    func bytesArriveInAnyPieces(_ piece: Int) async throws {
        let fixture = try await Fixture()
        for message in [
            complete, "\r\nbody only\r\n", "no header at all\r\n", "", "Subject: x\r\n", "Subject: x\r\n\r\n",
            "A: b\r\nC\r\n",
        ] {
            try await fixture.send(
                fixture.reception(), from: "s@elsewhere.example", to: ["bob@example.org"], message, piece: piece)
            let text = try #require(try await fixture.inbox(of: "bob@example.org").last)
            #expect(text.hasSuffix(message))
        }
    }

    @Test func bodyWithoutHeaderIsKeptApart() async throws {
        let fixture = try await Fixture()
        try await fixture.send(
            fixture.reception(), from: "s@elsewhere.example", to: ["bob@example.org"], "hello there\r\n")
        let text = try #require(try await fixture.inbox(of: "bob@example.org").first)
        #expect(text.hasSuffix("+0000\r\n\r\nhello there\r\n"))
    }

    @Test func strayLineDoesNotMoveTheHeader() async throws {
        let fixture = try await Fixture { $0.maximumHeader = 300 }
        for tail in ["\r\nbody\r\n", String(repeating: "no blank line\r\n", count: 100)] {
            let message = "Subject: x\r\nstray line\r\nFrom: a@elsewhere.example\r\n" + tail
            try await fixture.send(
                fixture.reception(), from: "s@elsewhere.example", to: ["bob@example.org"], message, piece: 9)
            #expect(try await fixture.inbox(of: "bob@example.org").last?.hasSuffix("+0000\r\n" + message) == true)
        }
    }

    @Test func mailboxLineBecomesAField() async throws {
        let fixture = try await Fixture()
        let message = "From alice@example.org Sat Nov 21 07:40:00 2026\r\n" + complete
        for piece in [nil, 1] {
            try await fixture.send(
                fixture.reception(), from: "s@elsewhere.example", to: ["bob@example.org"], message, piece: piece)
            let text = try #require(try await fixture.inbox(of: "bob@example.org").last)
            #expect(text.hasSuffix("+0000\r\nX-Mailbox-Line: " + message))
        }
        #expect(try await fixture.trace(TraceFilter(messageID: "<m1@example.org>")).count == 4)
    }

    @Test func severalRecipientsAreNotDisclosed() async throws {
        let fixture = try await Fixture()
        let receipt = try await fixture.send(
            fixture.reception(), from: "s@elsewhere.example",
            to: ["bob@example.org", "carol@example.org", "BOB@example.org", "bob+tag@example.org"], complete)
        // bob+tag is another address of the same account: one copy.
        #expect(receipt.stored == 2)
        let text = try #require(try await fixture.inbox(of: "bob@example.org").first)
        #expect(!text.contains("for <"))
        #expect(try await fixture.inbox(of: "carol@example.org") == [text])
    }

    @Test func nullSender() async throws {
        let fixture = try await Fixture()
        try await fixture.send(fixture.reception(), from: "", to: ["bob@example.org"], complete)
        #expect(try await fixture.inbox(of: "bob@example.org")[0].hasPrefix("Return-Path: <>\r\n"))
    }

    @Test func recipientsAreRefusedOneByOne() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.administration.setEnabled(false, account: "carol@example.org", actor: .commandLine)
        _ = try await fixture.administration.setAlias(
            "x@example.org", targets: ["y@example.org"], isGroup: false, actor: .commandLine)
        _ = try await fixture.administration.setAlias(
            "y@example.org", targets: ["x@example.org"], isGroup: false, actor: .commandLine)
        let transaction = try await fixture.service.begin(
            fixture.reception(), sender: EmailAddress("s@elsewhere.example"))
        for (recipient, expected) in [
            ("nobody@example.org", "550 5.1.1"), ("a@elsewhere.example", "550 5.7.1"),
            ("carol@example.org", "550 5.2.1"),
            ("x@example.org", "550 5.4.6"), ("bob@example.org", nil), ("jürgen@example.org", "553 5.6.7"),
        ] {
            let address = try #require(EmailAddress(recipient))
            #expect(
                await fixture.refusal { () async throws(DeliveryRefusal) in try await transaction.addRecipient(address)
                }
                    == expected)
        }
        #expect(await transaction.recipientCount == 1)
        try await transaction.write(.init(string: complete))
        let receipt = try await transaction.commit()
        #expect(receipt.stored == 1)
        #expect(
            try await fixture.trace(TraceFilter(delivery: receipt.delivery)).prefix(2) == [
                "route refused nobody@example.org 550", "route refused a@elsewhere.example 550",
            ])
    }

    @Test func noRecipients() async throws {
        let fixture = try await Fixture()
        let transaction = try await fixture.service.begin(fixture.reception(), sender: nil)
        #expect(
            await fixture.refusal { () async throws(DeliveryRefusal) in
                try await transaction.write(.init(string: complete))
            }
                == "554 5.5.1")
        #expect(
            await fixture.refusal { () async throws(DeliveryRefusal) in _ = try await transaction.commit() }
                == "554 5.5.1")
    }

    @Test func abortLeavesNothing() async throws {
        let fixture = try await Fixture()
        let transaction = try await fixture.service.begin(fixture.reception(), sender: nil)
        try await transaction.addRecipient(try #require(EmailAddress("bob@example.org")))
        try await transaction.write(.init(string: complete))
        await transaction.abort()
        #expect(
            await fixture.refusal { () async throws(DeliveryRefusal) in _ = try await transaction.commit() }
                == "503 5.5.1")
        #expect(try await fixture.inbox(of: "bob@example.org").isEmpty)
    }

    @Test func aliasToElsewhereIsForwarded() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.administration.setAlias(
            "team@example.org", targets: ["bob@example.org", "x@elsewhere.example"], isGroup: true, actor: .commandLine)
        let receipt = try await fixture.send(
            fixture.reception(), from: "s@elsewhere.example", to: ["team@example.org"], complete)
        #expect(receipt.stored == 1 && receipt.queued == 1)
        #expect(try await fixture.queue().map(\.recipient) == ["x@elsewhere.example"])
    }

    @Test func unprintableNamesStayOutOfTheHeader() async throws {
        let fixture = try await Fixture()
        var context = fixture.reception()
        context.helo = "evil (x) \r\nInjected: yes"
        context.tls = "TLS)\r\nInjected: yes"
        try await fixture.send(context, from: "s@elsewhere.example", to: ["bob@example.org"], complete)
        let text = try await fixture.inbox(of: "bob@example.org")[0]
        #expect(!text.contains("\nInjected"))
        #expect(text.contains("Received: from unknown ([192.0.2.9])"))
    }
}
