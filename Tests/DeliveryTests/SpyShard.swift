import MailModel
import MailStore
import NIOCore
import Synchronization

/// A memory shard that keeps what it was asked to deliver, and fails where it is told to.
final class SpyShard: Shard {
    enum Trouble: Hashable, Sendable { case none, write, deliver, account }

    struct State {
        var trouble = Trouble.none
        var deliveries: [NewDelivery] = []
        /// Calls of `deliver`.
        var commits = 0
        var discarded = 0
    }

    let inner: MemoryShard
    let state = Mutex(State())
    private let discards = AsyncStream.makeStream(of: Void.self)

    init(_ inner: MemoryShard) { self.inner = inner }

    var directory: any DirectoryStore { inner.directory }
    var queue: any QueueStore { inner.queue }
    var traces: any TraceStore { inner.traces }

    func fail(_ trouble: Trouble) { state.withLock { $0.trouble = trouble } }
    var deliveries: [NewDelivery] { state.withLock { $0.deliveries } }
    var commits: Int { state.withLock { $0.commits } }
    var discarded: Int { state.withLock { $0.discarded } }

    func nextDiscard() async {
        for await _ in discards.stream { return }
    }

    func account(_ id: AccountID) async throws(StoreError) -> any AccountStore {
        if state.withLock({ $0.trouble == .account }) { throw .unavailable("closing") }
        return try await inner.account(id)
    }

    func stage(expectedSize: Int?) -> any MessageStager {
        SpyStager(
            inner.stage(expectedSize: expectedSize), isFull: state.withLock { $0.trouble == .write },
            onDiscard: { [self] in
                state.withLock { $0.discarded += 1 }
                discards.continuation.yield()
            })
    }

    func deliver(_ deliveries: [NewDelivery]) async throws(StoreError) -> [DeliveryResult] {
        if state.withLock({ $0.trouble == .deliver }) { throw .unavailable("disk full") }
        state.withLock {
            $0.deliveries += deliveries
            $0.commits += 1
        }
        return try await inner.deliver(deliveries)
    }

    func purge(now: Timestamp) async throws(StoreError) -> PurgeReport { try await inner.purge(now: now) }
    func verify(
        repair: Bool, progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws(StoreError) -> VerifyReport {
        try await inner.verify(repair: repair, progress: progress)
    }
    func close() async { await inner.close() }
}

private final class SpyStager: MessageStager {
    private let inner: any MessageStager
    private let isFull: Bool
    private let onDiscard: @Sendable () -> Void

    init(_ inner: any MessageStager, isFull: Bool, onDiscard: @escaping @Sendable () -> Void) {
        self.inner = inner
        self.isFull = isFull
        self.onDiscard = onDiscard
    }

    var size: Int { inner.size }

    func write(_ bytes: ByteBuffer) async throws(StoreError) {
        // The trace header still fits.
        if isFull, size > 0 { throw .unavailable("disk full") }
        try await inner.write(bytes)
    }

    func finish() async throws(StoreError) -> StagedMessage { try await inner.finish() }

    func discard() async {
        await inner.discard()
        onDiscard()
    }
}
