package import MailModel
package import MailStore

/// Mail for other hosts: what waits, for whom, until when. Rows come in with a delivery's commit (`Shard.deliver`).
package final class MailQueue: Sendable {
    private let store: any QueueStore
    private let times: QueueTimes

    package init(store: any QueueStore, times: QueueTimes = QueueTimes()) {
        self.store = store
        self.times = times
    }

    /// The row of one remote recipient of a message accepted at `received`; the rest is filled in by the caller.
    package func entry(for recipient: EmailAddress, received: Timestamp) -> NewQueueEntry {
        NewQueueEntry(recipient: recipient, expires: received.adding(seconds: times.expire))
    }

    /// A page, oldest first; `after` is the last id of the page before.
    package func list(_ filter: QueueFilter, after: Int64? = nil, limit: Int = 500) async throws(StoreError)
        -> [QueueListing]
    {
        try await store.list(filter, after: after, limit: limit).map(QueueListing.init)
    }

    package func count() async throws(StoreError) -> Int { try await store.count() }
}
