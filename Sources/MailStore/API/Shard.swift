package import MailModel

/// One database with its content: accounts, the directory rows and the queue. The embedded server has one.
package protocol Shard: AnyObject, Sendable {
    var directory: any DirectoryStore { get }
    var queue: any QueueStore { get }
    var traces: any TraceStore { get }

    /// The account's handle: one object per account while anybody holds it.
    func account(_ id: AccountID) async throws(StoreError) -> any AccountStore
    /// Begins taking in a message. `expectedSize` is a hint.
    func stage(expectedSize: Int?) -> any MessageStager
    /// Local rows, queue rows and trace lines of messages that belong together, such as one and the report about it, in one
    /// commit. A repeated delivery id is harmless. The results are in the order of the deliveries.
    func deliver(_ deliveries: [NewDelivery]) async throws(StoreError) -> [DeliveryResult]
    /// Reclaims what nobody can ask for any more: recoverable items past their time, old change log and trace.
    func purge(now: Timestamp) async throws(StoreError) -> PurgeReport
    /// Looks for damage. `repair` rebuilds what is derived. `progress` gets (done, total) at times.
    func verify(repair: Bool, progress: @escaping @Sendable (Int, Int) -> Void) async throws(StoreError) -> VerifyReport
    /// Finishes what was begun, refuses what comes after, and closes the files.
    func close() async
}

extension Shard {
    /// One message by itself.
    package func deliver(_ delivery: NewDelivery) async throws(StoreError) -> DeliveryResult {
        try await deliver([delivery])[0]
    }
}

/// One accepted message and where it goes.
package struct NewDelivery: Sendable {
    package var id: DeliveryID
    package var message: StagedMessage
    /// Nil: the null sender.
    package var sender: EmailAddress?
    package var received: Timestamp
    package var local: [LocalPlacement]
    package var remote: [NewQueueEntry]
    package var trace: [TraceEvent]
    /// If one of its placements fails, nothing is stored, neither of it nor of what is delivered with it.
    package var isWhole: Bool

    package init(
        id: DeliveryID, message: StagedMessage, sender: EmailAddress?, received: Timestamp, local: [LocalPlacement],
        remote: [NewQueueEntry], trace: [TraceEvent], isWhole: Bool = false
    ) {
        self.id = id
        self.message = message
        self.sender = sender
        self.received = received
        self.local = local
        self.remote = remote
        self.trace = trace
        self.isWhole = isWhole
    }
}

/// One row in one folder.
package struct LocalPlacement: Sendable {
    package var account: AccountID
    package var folder: FolderID
    /// As given in RCPT: with the account and the delivery id it makes a repeated step harmless.
    package var recipient: EmailAddress
    package var flags: MessageFlags

    package init(account: AccountID, folder: FolderID, recipient: EmailAddress, flags: MessageFlags = MessageFlags()) {
        self.account = account
        self.folder = folder
        self.recipient = recipient
        self.flags = flags
    }
}

/// What became of each local placement, in order. Quota and vanished accounts fail single placements, not the delivery.
package struct DeliveryResult: Sendable {
    package enum Outcome: Hashable, Sendable {
        case stored(ItemID)
        /// The same (account, delivery, recipient) was stored before.
        case duplicate
        case failed(StoreError)
        /// Nothing is wrong with it, but a delivery that is to be whole or not at all has a placement that failed.
        case withheld
    }
    package let outcomes: [Outcome]
    package init(outcomes: [Outcome]) { self.outcomes = outcomes }

    package var hasFailure: Bool { outcomes.contains { if case .failed = $0 { true } else { false } } }

    /// The same, of a delivery of which nothing was stored.
    package var withheld: DeliveryResult {
        DeliveryResult(outcomes: outcomes.map { if case .failed = $0 { $0 } else { .withheld } })
    }
}

package struct PurgeReport: Hashable, Sendable {
    package var items = 0
    package var bytes: Int64 = 0
    package init() {}
}
