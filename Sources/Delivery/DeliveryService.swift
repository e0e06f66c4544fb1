package import Accounts
package import Logging
package import MailModel
package import MailQueue
package import MailStore
package import NIOCore

/// The way into the store for every message, in two phases: sender, recipients and content are each accepted or refused,
/// and nothing is durable before `commit` returns.
///
///     let transaction = try await service.begin(context, sender: sender, options: options)
///     try await transaction.addRecipient(recipient, options: options)     // one refused, the others stay
///     try await transaction.write(bytes)                                  // repeatedly
///     let receipt = try await transaction.commit()                        // now say 250
///
/// Each stage is a small type in `Stages` with one method; what it decided becomes a line of the message's trace.
package final class DeliveryService: Sendable {
    let shard: any Shard
    let addressBook: AddressBook
    let queue: MailQueue
    package let settings: DeliverySettings
    let log: Logger
    let now: @Sendable () -> Timestamp
    let identifiers: DeliveryIdentifiers

    package init(
        shard: any Shard, addressBook: AddressBook, queue: MailQueue, settings: DeliverySettings,
        log: Logger = Logger(label: "delivery"), now: @escaping @Sendable () -> Timestamp = SystemClock.now
    ) {
        self.shard = shard
        self.addressBook = addressBook
        self.queue = queue
        self.settings = settings
        self.log = log
        self.now = now
        identifiers = DeliveryIdentifiers()
    }

    /// MAIL FROM: checks the sender. Nil is the null sender of DSNs (RFC 5321 §4.5.5).
    package func begin(
        _ context: DeliveryContext, sender: EmailAddress?, options: SenderOptions = SenderOptions()
    ) async throws(DeliveryRefusal) -> MailTransaction {
        let envelope = DeliveryEnvelope(
            id: identifiers.next(at: now()), context: context, sender: sender, options: options, received: now())
        let transaction = MailTransaction(service: self, envelope: envelope)
        try await transaction.open()
        return transaction
    }

    /// Sends a message that this server made, such as a DSN: complete with its header, to addresses anywhere.
    /// Recipients that cannot be reached are skipped; nil if none is left.
    package func submitLocal(
        _ message: ByteBuffer, sender: EmailAddress?, recipients: [EmailAddress], session: String,
        options: SenderOptions = SenderOptions(), recipientOptions: RecipientOptions = RecipientOptions()
    ) async throws(DeliveryRefusal) -> DeliveryReceipt? {
        try await local(
            message, sender: sender, recipients: recipients, session: session, options: options,
            recipientOptions: recipientOptions)?.commit()
    }

    /// The same up to the commit.
    func local(
        _ message: ByteBuffer, sender: EmailAddress?, recipients: [EmailAddress], session: String,
        options: SenderOptions, recipientOptions: RecipientOptions
    ) async throws(DeliveryRefusal) -> MailTransaction? {
        let context = DeliveryContext(
            kind: .local, session: session, peer: nil, helo: settings.hostName.ascii, protocolName: "local")
        let transaction = try await begin(context, sender: sender, options: options)
        for recipient in recipients { try? await transaction.addRecipient(recipient, options: recipientOptions) }
        guard await transaction.recipientCount > 0 else {
            await transaction.abort()
            return nil
        }
        try await transaction.write(message)
        return transaction
    }
}
