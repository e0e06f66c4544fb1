import Accounts
import Delivery
import Logging
import MailModel
import MailQueue
import MailStore
import NIOCore
import Testing

@Suite struct StoreTroubleTests {
    private func service(_ fixture: Fixture) -> (DeliveryService, SpyShard) {
        let shard = SpyShard(fixture.shard)
        let clock = fixture.clock
        let service = DeliveryService(
            shard: shard, addressBook: AddressBook(directory: shard.directory), queue: MailQueue(store: shard.queue),
            settings: fixture.service.settings, log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            now: { clock.now })
        return (service, shard)
    }

    private func send(_ service: DeliveryService, _ fixture: Fixture) async -> String? {
        await fixture.refusal { () async throws(DeliveryRefusal) in
            let transaction = try await service.begin(fixture.reception(), sender: EmailAddress("s@elsewhere.example"))
            guard let bob = EmailAddress("bob@example.org") else { return }
            try await transaction.addRecipient(bob)
            try await transaction.write(ByteBuffer(string: complete))
            _ = try await transaction.commit()
        }
    }

    @Test(arguments: [SpyShard.Trouble.write, .deliver, .account])
    func troubleIsTemporaryAndLeavesNothing(_ trouble: SpyShard.Trouble) async throws {
        let fixture = try await Fixture()
        let (service, shard) = service(fixture)
        shard.fail(trouble)
        #expect(await send(service, fixture) == "451 4.3.0")
        #expect(try await fixture.inbox(of: "bob@example.org").isEmpty)
        #expect(shard.discarded == (trouble == .write ? 1 : 0))
        #expect(try await fixture.trace().last?.hasSuffix("451") == true)
        shard.fail(.none)
        #expect(await send(service, fixture) == nil)
        #expect(try await fixture.inbox(of: "bob@example.org").count == 1)
    }

    @Test func droppedTransactionIsDiscarded() async throws {
        let fixture = try await Fixture()
        let (service, shard) = service(fixture)
        do {
            let transaction = try await service.begin(fixture.reception(), sender: nil)
            try await transaction.addRecipient(try #require(EmailAddress("bob@example.org")))
            try await transaction.write(ByteBuffer(string: complete))
        }
        await shard.nextDiscard()
        #expect(shard.discarded == 1 && shard.deliveries.isEmpty)
    }

    @Test func abortAndRefusalDiscard() async throws {
        let fixture = try await Fixture { $0.maximumSize = 500 }
        let (service, shard) = service(fixture)
        let transaction = try await service.begin(fixture.reception(), sender: nil)
        try await transaction.addRecipient(try #require(EmailAddress("bob@example.org")))
        try await transaction.write(ByteBuffer(string: complete))
        #expect(
            await fixture.refusal { () async throws(DeliveryRefusal) in
                try await transaction.write(ByteBuffer(repeating: 0x61, count: 500))
            } == "552 5.3.4")
        #expect(shard.discarded == 1)
        await transaction.abort()
        #expect(shard.discarded == 1)
    }

    @Test func queueRowsCarryWhatWasAskedFor() async throws {
        let fixture = try await Fixture()
        let (service, shard) = service(fixture)
        let options = SenderOptions(
            size: 500, body: "8BITMIME", smtpUTF8: true, returnContent: "FULL", envelopeID: "E+2B1")
        let transaction = try await service.begin(
            try await fixture.submission(), sender: EmailAddress("alice@example.org"), options: options)
        try await transaction.addRecipient(
            try #require(EmailAddress("ü@elsewhere.example")),
            options: RecipientOptions(notify: "SUCCESS,DELAY", originalRecipient: "utf-8;x"))
        try await transaction.addRecipient(try #require(EmailAddress("bob+Tag@example.org")))
        try await transaction.write(ByteBuffer(string: complete))
        let receipt = try await transaction.commit()

        let delivery = try #require(shard.deliveries.first)
        #expect(shard.deliveries.count == 1 && delivery.id == receipt.delivery && transaction.id == receipt.delivery)
        let entry = try #require(delivery.remote.first)
        #expect(entry.notify == "SUCCESS,DELAY" && entry.originalRecipient == "utf-8;x")
        #expect(entry.envelopeID == "E+2B1" && entry.returnContent == "FULL")
        #expect(entry.needsSMTPUTF8 && entry.bodyType == "8BITMIME")
        #expect(entry.skip == "Return-Path: <alice@example.org>\r\n".utf8.count)
        let rest = try await delivery.message.content.read(at: entry.skip, length: 9)
        #expect(String(buffer: rest) == "Received:")
        let placement = try #require(delivery.local.first)
        #expect(placement.folder == SystemFolder.inbox && placement.recipient.description == "bob+Tag@example.org")
    }
}
