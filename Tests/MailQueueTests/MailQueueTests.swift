import MailModel
import MailQueue
import MailStore
import Testing

@Suite struct MailQueueTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_795_246_800, "2026-11-21T07:40:00Z"),
        (-1, "1969-12-31T23:59:59Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"),
    ])
    func times(_ seconds: Int64, _ text: String) {
        #expect(RFC3339.text(Timestamp(seconds: seconds)) == text)
        #expect(RFC3339.text(Timestamp(seconds: seconds).adding(seconds: 0)) == text)
    }

    @Test func entriesExpire() throws {
        let queue = MailQueue(store: MemoryShard(now: { Timestamp(seconds: 0) }).queue)
        let recipient = try #require(EmailAddress("a@elsewhere.example"))
        let entry = queue.entry(for: recipient, received: Timestamp(seconds: 1000))
        #expect(entry.expires == Timestamp(seconds: 1000 + 432_000))
        #expect(entry.recipient == recipient)
    }

    @Test func listingHasTheNamesScriptsRelyOn() throws {
        let listing = QueueListing(
            QueueEntry(
                id: 7, delivery: DeliveryID("01D"), messageID: "<m@example.org>", sender: "",
                recipient: "a@elsewhere.example",
                domain: "elsewhere.example", state: .deferred, attempts: 2, next: Timestamp(seconds: 0),
                expires: Timestamp(seconds: 60), lastReply: "451 later", size: 1234))
        let names = Mirror(reflecting: listing).children.compactMap(\.label)
        for name in [
            "id", "messageId", "sender", "recipient", "domain", "state", "attempts", "next", "expires", "lastReply",
        ] {
            #expect(names.contains(name))
        }
        #expect(listing.id == "7" && listing.state == "deferred" && listing.expires == "1970-01-01T00:01:00Z")
    }
}
