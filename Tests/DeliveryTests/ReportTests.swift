import Accounts
import Delivery
import Logging
import MailModel
import MailQueue
import MailStore
import NIOCore
import Testing

@Suite struct ReportTests {
    private let large = complete + String(repeating: "a", count: 2000) + "\r\n"

    @Test func failureAfterAcceptanceIsReported() async throws {
        let fixture = try await Fixture()
        try await fixture.quota(1000, of: "bob@example.org")
        let receipt = try await fixture.send(
            fixture.reception(), from: "alice@example.org", to: ["bob@example.org", "carol@example.org"], large,
            options: SenderOptions(envelopeID: "E+2B1"))
        #expect(receipt.stored == 1 && receipt.failed == 1)
        let reports = try await fixture.inbox(of: "alice@example.org")
        let report = try #require(reports.first)
        #expect(reports.count == 1)
        #expect(report.hasPrefix("Return-Path: <>\r\n"))
        for line in [
            "To: alice@example.org", "Final-Recipient: rfc822; bob@example.org", "Action: failed", "Status: 5.2.2",
            "Original-Envelope-Id: E+1", "Reporting-MTA: dns; mx.example.org", "Subject: Hello",
        ] {
            #expect(report.contains(line + "\r\n"), "\(line)")
        }
        #expect(!report.contains("carol@example.org"))
        #expect(
            try await fixture.trace(TraceFilter(delivery: receipt.delivery)).contains(
                "deliver failed bob@example.org 452"))
    }

    /// A kill after the commit must find the report there.
    @Test func reportIsCommittedWithTheMessage() async throws {
        let fixture = try await Fixture()
        let shard = SpyShard(fixture.shard)
        let clock = fixture.clock
        let service = DeliveryService(
            shard: shard, addressBook: AddressBook(directory: shard.directory), queue: MailQueue(store: shard.queue),
            settings: fixture.service.settings, log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            now: { clock.now })
        try await fixture.quota(1000, of: "bob@example.org")
        let transaction = try await service.begin(fixture.reception(), sender: EmailAddress("alice@example.org"))
        for name in ["bob", "carol"] {
            try await transaction.addRecipient(try #require(EmailAddress("\(name)@example.org")))
        }
        try await transaction.write(ByteBuffer(string: large))
        let receipt = try await transaction.commit()
        #expect(receipt.stored == 1 && receipt.failed == 1)
        // The first found bob's mailbox full and stored nothing.
        #expect(shard.commits == 2 && shard.deliveries.count == 3)
        let last = shard.deliveries.suffix(2)
        #expect(last.map(\.sender?.description) == ["alice@example.org", nil])
        #expect(try await fixture.inbox(of: "carol@example.org").count == 1)
        #expect(try await fixture.inbox(of: "alice@example.org").count == 1)
    }

    @Test func wholeMessageComesBackIfAskedFor() async throws {
        let fixture = try await Fixture()
        try await fixture.quota(1000, of: "bob@example.org")
        try await fixture.send(
            fixture.reception(), from: "alice@example.org", to: ["bob@example.org", "carol@example.org"], large,
            options: SenderOptions(returnContent: "FULL"))
        let report = try #require(try await fixture.inbox(of: "alice@example.org").first)
        #expect(report.contains(large))
        // Without our own line of final delivery.
        #expect(!report.contains("Return-Path: <alice@example.org>"))
    }

    @Test func nullSenderAndNeverHearNothing() async throws {
        let fixture = try await Fixture()
        try await fixture.quota(1000, of: "bob@example.org")
        let recipients = ["bob@example.org", "carol@example.org"]
        try await fixture.send(fixture.reception(), from: "", to: recipients, large)
        try await fixture.send(
            fixture.reception(), from: "alice@example.org", to: recipients, large,
            recipientOptions: RecipientOptions(notify: "NEVER"))
        #expect(try await fixture.inbox(of: "alice@example.org").isEmpty)
        #expect(try await fixture.queue().isEmpty)
    }

    @Test func successIsReportedIfAskedFor() async throws {
        let fixture = try await Fixture()
        try await fixture.send(
            fixture.reception(), from: "alice@example.org", to: ["bob@example.org"], complete,
            recipientOptions: RecipientOptions(
                notify: "SUCCESS,FAILURE", originalRecipient: "rfc822;b+2Bob@example.org"))
        let report = try #require(try await fixture.inbox(of: "alice@example.org").first)
        #expect(report.contains("Action: delivered\r\n"))
        #expect(try await fixture.trace().contains("report accepted alice@example.org"))
        let events = try await fixture.shard.traces.query(TraceFilter(), limit: 1)
        let listing = TraceListing(try #require(events.first))
        #expect(listing.time == "2026-11-21T07:40:00Z" && listing.code == 250 && listing.remote == "192.0.2.9")
        #expect(report.contains("Original-Recipient: rfc822; b+ob@example.org\r\n"))
    }

    @Test func remoteSenderIsToldByTheQueue() async throws {
        let fixture = try await Fixture()
        try await fixture.quota(1000, of: "bob@example.org")
        try await fixture.send(
            fixture.reception(), from: "s@elsewhere.example", to: ["bob@example.org", "carol@example.org"], large)
        let entry = try #require(try await fixture.queue().first)
        #expect(entry.recipient == "s@elsewhere.example" && entry.sender == "")
    }

    @Test func ownMessagesGoAnywhere() async throws {
        let fixture = try await Fixture()
        let receipt = try await fixture.service.submitLocal(
            .init(string: complete), sender: nil,
            recipients: ["bob@example.org", "x@elsewhere.example", "no@example.org"].compactMap { EmailAddress($0) },
            session: "own")
        #expect(receipt?.stored == 1 && receipt?.queued == 1)
        #expect(try await fixture.inbox(of: "bob@example.org") == ["Return-Path: <>\r\n" + complete])
        #expect(
            try await fixture.service.submitLocal(
                .init(string: complete), sender: nil, recipients: [try #require(EmailAddress("no@example.org"))],
                session: "own")
                == nil)
    }

    @Test func identifiersSortByTime() async throws {
        let fixture = try await Fixture()
        var last = ""
        for round in 0..<500 {
            let id = try await fixture.service.begin(fixture.reception(), sender: nil).id.rawValue
            #expect(id.utf8.count == 26 && id > last)
            last = id
            if round % 50 == 0 { fixture.clock.advance(round == 100 ? -10 : 1) }
        }
        #expect(last.hasPrefix("01"))
    }
}
