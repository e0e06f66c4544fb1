import Accounts
import Delivery
import MailModel
import MailStore
import NIOCore
import Testing

@Suite struct LimitTests {
    @Test func size() async throws {
        let fixture = try await Fixture { $0.maximumSize = 1000 }
        let context = fixture.reception()
        #expect(
            await fixture.refusal { () async throws(DeliveryRefusal) in
                _ = try await fixture.service.begin(context, sender: nil, options: SenderOptions(size: 1001))
            } == "552 5.3.4")
        for (count, expected) in [(1000 - 14, nil), (1001 - 14, "552 5.3.4")] {
            let message = "Subject: x\r\n\r\n" + String(repeating: "a", count: count)
            for piece in [nil, 100] {
                #expect(
                    await fixture.refusal { () async throws(DeliveryRefusal) in
                        try await fixture.send(
                            context, from: "s@elsewhere.example", to: ["bob@example.org"], message, piece: piece)
                    } == expected)
            }
        }
        #expect(try await fixture.inbox(of: "bob@example.org").count == 2)
        #expect(try await fixture.trace().contains("limits refused 552"))
    }

    @Test func header() async throws {
        let fixture = try await Fixture { $0.maximumHeader = 200 }
        for (count, expected) in [(50, nil), (300, "552 5.3.4")] {
            let message = "Subject: \(String(repeating: "a", count: count))\r\n\r\nbody\r\n"
            for piece in [nil, 1] {
                #expect(
                    await fixture.refusal { () async throws(DeliveryRefusal) in
                        try await fixture.send(
                            fixture.reception(), from: "s@elsewhere.example", to: ["bob@example.org"], message,
                            piece: piece)
                    } == expected)
            }
        }
        // One line without end is no way round it.
        #expect(
            await fixture.refusal { () async throws(DeliveryRefusal) in
                try await fixture.send(
                    fixture.reception(), from: "s@elsewhere.example", to: ["bob@example.org"],
                    String(repeating: "a", count: 500),
                    piece: 7)
            } == "552 5.3.4")
    }

    @Test func recipients() async throws {
        let fixture = try await Fixture { $0.maximumRecipients = 2 }
        let transaction = try await fixture.service.begin(fixture.reception(), sender: nil)
        for (recipient, expected) in [
            ("alice@example.org", nil), ("bob@example.org", nil), ("alice@example.org", nil),
            ("carol@example.org", "452 4.5.3"),
        ] {
            let address = try #require(EmailAddress(recipient))
            #expect(
                await fixture.refusal { () async throws(DeliveryRefusal) in try await transaction.addRecipient(address)
                }
                    == expected)
        }
        #expect(await transaction.recipientCount == 2)
    }

    @Test(arguments: [(100, nil), (101, "554 5.4.6")])
    func hops(_ count: Int, _ expected: String?) async throws {
        let fixture = try await Fixture()
        let message = String(repeating: "Received: from a by b; date\r\n", count: count) + complete
        #expect(
            await fixture.refusal { () async throws(DeliveryRefusal) in
                try await fixture.send(
                    fixture.reception(), from: "s@elsewhere.example", to: ["bob@example.org"], message)
            } == expected)
        #expect(try await fixture.inbox(of: "bob@example.org").count == (expected == nil ? 1 : 0))
    }

    @Test func fullMailboxIsRefusedAtRecipient() async throws {
        let fixture = try await Fixture()
        try await fixture.quota(1000, of: "bob@example.org")
        let transaction = try await fixture.service.begin(
            fixture.reception(), sender: EmailAddress("s@elsewhere.example"), options: SenderOptions(size: 1001))
        let bob = try #require(EmailAddress("bob@example.org"))
        #expect(
            await fixture.refusal { () async throws(DeliveryRefusal) in try await transaction.addRecipient(bob) }
                == "452 4.2.2")
        #expect(try await fixture.trace() == ["quota refused bob@example.org 452"])
    }

    @Test func fullMailboxIsRefusedAtTheEndIfItIsTheOnlyOne() async throws {
        let fixture = try await Fixture()
        try await fixture.quota(1000, of: "bob@example.org")
        let message = complete + String(repeating: "a", count: 2000) + "\r\n"
        #expect(
            await fixture.refusal { () async throws(DeliveryRefusal) in
                try await fixture.send(fixture.reception(), from: "alice@example.org", to: ["bob@example.org"], message)
            } == "452 4.2.2")
        #expect(try await fixture.inbox(of: "bob@example.org").isEmpty)
        #expect(try await fixture.inbox(of: "alice@example.org").isEmpty)
    }
}

extension Fixture {
    func quota(_ bytes: Int64, of account: String) async throws {
        var change = AccountChange()
        change.quota = .some(bytes)
        _ = try await administration.setAccount(account, change, actor: .commandLine)
    }
}
