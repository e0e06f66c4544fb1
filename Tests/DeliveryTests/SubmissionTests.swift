import Accounts
import Delivery
import MailModel
import MailStore
import Testing

@Suite struct SubmissionTests {
    @Test func remoteAndLocalInOneCommit() async throws {
        let fixture = try await Fixture()
        let context = try await fixture.submission()
        let options = SenderOptions(body: "8BITMIME", returnContent: "HDRS", envelopeID: "E1")
        let receipt = try await fixture.send(
            context, from: "alice@example.org", to: ["bob@example.org", "x@elsewhere.example"], complete,
            options: options,
            recipientOptions: RecipientOptions(notify: "FAILURE", originalRecipient: "rfc822;x@elsewhere.example"))
        #expect(receipt.stored == 1 && receipt.queued == 1)
        let entry = try #require(try await fixture.queue().first)
        #expect(entry.delivery == receipt.delivery && entry.sender == "alice@example.org" && entry.state == .ready)
        #expect(entry.expires == fixture.clock.now.adding(seconds: 432_000))
        #expect(try await fixture.inbox(of: "bob@example.org")[0].hasSuffix("+0000\r\n" + complete))
        #expect(
            try await fixture.trace(TraceFilter(delivery: receipt.delivery)) == [
                "accept accepted 250", "deliver stored bob@example.org", "queue queued x@elsewhere.example",
            ])
    }

    @Test func whatIsMissingIsAdded() async throws {
        let fixture = try await Fixture()
        let context = try await fixture.submission()
        let receipt = try await fixture.send(
            context, from: "alice+x@example.org", to: ["bob@example.org"], "Subject: Hi\r\n\r\nBody\r\n")
        let text = try await fixture.inbox(of: "bob@example.org")[0]
        #expect(
            text == """
                Return-Path: <alice+x@example.org>\r
                Received: from [192.0.2.7] ([192.0.2.7])\r
                \tby mx.example.org with ESMTPSA (TLSv1.3)\r
                \tid \(receipt.delivery)\r
                \tfor <bob@example.org>;\r
                \tSat, 21 Nov 2026 07:40:00 +0000\r
                From: alice+x@example.org\r
                Date: Sat, 21 Nov 2026 07:40:00 +0000\r
                Message-ID: <\(receipt.delivery)@mx.example.org>\r
                Subject: Hi\r
                \r
                Body\r

                """)
        #expect(try await !fixture.trace(TraceFilter(messageID: "<\(receipt.delivery)@mx.example.org>")).isEmpty)
    }

    @Test func receivedMailIsNotCompleted() async throws {
        let fixture = try await Fixture()
        try await fixture.send(
            fixture.reception(), from: "s@elsewhere.example", to: ["bob@example.org"], "Subject: Hi\r\n\r\n")
        let text = try await fixture.inbox(of: "bob@example.org")[0]
        #expect(!text.contains("Message-ID") && !text.contains("From:"))
    }

    @Test(arguments: [
        ("bob@example.org", complete, "553 5.7.1"), ("alice@elsewhere.example", complete, "553 5.7.1"),
        ("alice@example.org", complete, nil), ("", complete, nil), ("ALICE+tag@example.org", complete, nil),
        ("alice@example.org", "From: bob@example.org\r\n\r\n", "550 5.7.1"),
        ("alice@example.org", "From: alice@example.org, bob@example.org\r\n\r\n", "550 5.7.1"),
        ("alice@example.org", "From: alice@example.org\r\nSender: bob@example.org\r\n\r\n", "550 5.7.1"),
        ("alice@example.org", "From: alice@example.org\r\nFROM : bob@example.org\r\n\r\n", "550 5.7.1"),
        ("alice@example.org", "From: \"alice@example.org\"\r\n <bob@example.org>\r\n\r\n", "550 5.7.1"),
        ("alice@example.org", "From: alice@example.org\r\nstray line\r\nFrom: bob@example.org\r\n\r\n", "550 5.7.1"),
        ("alice@example.org", "stray line\r\nFrom: bob@example.org\r\n\r\n", nil),
        ("alice@example.org", "From: nonsense\r\n\r\n", "550 5.6.0"),
        ("alice@example.org", "From:\r\n\r\n", "550 5.6.0"),
        ("alice@example.org", "From: undisclosed:;\r\n\r\n", "550 5.6.0"),
        ("alice@example.org", "From: us: alice@example.org;\r\n\r\n", nil),
        ("alice@example.org", "From: ali@example.org\r\nSender: Alice <alice@example.org>\r\n\r\n", nil),
        ("ali@example.org", "X: y\r\n\r\nFrom: bob@example.org\r\n", nil),
    ])
    func usersSendAsThemselves(_ sender: String, _ message: String, _ expected: String?) async throws {
        let fixture = try await Fixture()
        _ = try await fixture.administration.setAlias(
            "ali@example.org", targets: ["alice@example.org"], isGroup: false, actor: .commandLine)
        let context = try await fixture.submission()
        for piece in [nil, 1] {
            let refusal = await fixture.refusal { () async throws(DeliveryRefusal) in
                try await fixture.send(context, from: sender, to: ["carol@example.org"], message, piece: piece)
            }
            #expect(refusal == expected)
        }
        #expect(try await fixture.inbox(of: "carol@example.org").count == (expected == nil ? 2 : 0))
        if expected != nil { #expect(try await fixture.trace().first?.hasPrefix("sender refused") == true) }
    }

    @Test func withoutLoginNothing() async throws {
        let fixture = try await Fixture()
        var context = fixture.reception()
        context.kind = .submission
        let wrong = context
        #expect(
            await fixture.refusal { () async throws(DeliveryRefusal) in
                _ = try await fixture.service.begin(wrong, sender: nil)
            } == "530 5.7.0")
    }

    @Test func bccIsKept() async throws {
        let fixture = try await Fixture()
        let context = try await fixture.submission()
        let message = "Bcc: x@elsewhere.example\r\nReturn-Path: <old@elsewhere.example>\r\n" + complete
        try await fixture.send(context, from: "alice@example.org", to: ["bob@example.org"], message)
        #expect(try await fixture.inbox(of: "bob@example.org")[0].hasSuffix(message))
    }
}
