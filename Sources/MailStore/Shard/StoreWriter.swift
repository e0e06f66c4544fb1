import ContentStore
import MailModel
import Synchronization

/// One unit of work for the writer. Only the writer's thread touches it once it is enqueued.
class WriterJob: @unchecked Sendable {
    fileprivate var failure: StoreError?
    /// It failed with others for what may be the doing of one of them.
    fileprivate var isVictim = false
    /// Bytes of content in memory that it brings; nil: no content at all.
    fileprivate let weight: Int?
    init(weight: Int?) { self.weight = weight }
    func run(_ batch: WriteBatch) throws(StoreError) {}
    /// Tells whoever waits.
    func finish() {}
}

private final class AwaitedJob<Success: Sendable>: WriterJob, @unchecked Sendable {
    private let body: @Sendable (WriteBatch) throws(StoreError) -> Success
    private let continuation: UnsafeContinuation<Result<Success, StoreError>, Never>
    private var success: Success?

    init(
        _ body: @escaping @Sendable (WriteBatch) throws(StoreError) -> Success,
        _ continuation: UnsafeContinuation<Result<Success, StoreError>, Never>, weight: Int?
    ) {
        self.body = body
        self.continuation = continuation
        super.init(weight: weight)
    }

    override func run(_ batch: WriteBatch) throws(StoreError) { success = try body(batch) }

    override func finish() {
        if let failure {
            continuation.resume(returning: .failure(failure))
        } else if let success {
            continuation.resume(returning: .success(success))
        }
    }
}

private final class UnawaitedJob: WriterJob, @unchecked Sendable {
    private let body: @Sendable (WriteBatch) throws(StoreError) -> Void
    init(_ body: @escaping @Sendable (WriteBatch) throws(StoreError) -> Void) {
        self.body = body
        super.init(weight: nil)
    }
    override func run(_ batch: WriteBatch) throws(StoreError) { try body(batch) }
}

/// The one thread that writes a shard. It takes whatever is waiting as one transaction: every job in a savepoint of its own,
/// then one sync of the content, then one commit, which is the instant of commitment for all of them.
///
/// Who asks is suspended until the commit, so what waits is bounded by who may ask; a batch is bounded besides.
final class StoreWriter: Sendable {
    private struct State {
        var jobs: [WriterJob] = []
        var isClosed = false
        var isFinished = false
        var unawaited = 0
    }

    /// Jobs in one transaction.
    private static let maximumBatch = 512
    /// Bytes of content in one transaction, unless one job brings more.
    private static let maximumWeight = 32 << 20
    /// Jobs nobody waits for that may wait; more are dropped.
    private static let maximumUnawaited = 4096

    private let state = Monitor(State())

    /// Starts the thread. `makeBatch` opens the connection, on that thread; its error ends the start.
    func start(_ makeBatch: @escaping @Sendable () throws(StoreError) -> WriteBatch) async throws(StoreError) {
        let result: Result<Void, StoreError> = await withUnsafeContinuation { continuation in
            SystemThread.start(name: "store-writer") { [state] in
                let batch: WriteBatch
                do throws(StoreError) {
                    batch = try makeBatch()
                } catch {
                    continuation.resume(returning: .failure(error))
                    return
                }
                continuation.resume(returning: .success(()))
                Self.work(batch, state)
                batch.close()
                state.broadcast { $0.isFinished = true }
            }
        }
        try result.get()
    }

    private static func work(_ batch: WriteBatch, _ state: Monitor<State>) {
        while true {
            let jobs: [WriterJob]? = state.wait { state in
                guard !state.jobs.isEmpty else { return state.isClosed ? .some(nil) : nil }
                let count = Self.batchCount(state.jobs)
                var taken: [WriterJob] = []
                if count == state.jobs.count {
                    swap(&taken, &state.jobs)
                    state.unawaited = 0
                } else {
                    taken = Array(state.jobs.prefix(count))
                    state.jobs.removeFirst(count)
                }
                return .some(taken)
            }
            guard let jobs else { return }
            run(jobs, batch)
        }
    }

    /// How many of the waiting jobs make the next batch: at least one.
    private static func batchCount(_ jobs: [WriterJob]) -> Int {
        var weight = 0
        for (index, job) in jobs.enumerated() {
            weight += job.weight ?? 0
            if index == maximumBatch || (index > 0 && weight > maximumWeight) { return index }
        }
        return jobs.count
    }

    private static func run(_ jobs: [WriterJob], _ batch: WriteBatch) {
        attempt(jobs, batch)
        // On a disk that is full or failing, who only reads or sets a flag need not suffer for whose mail does not fit.
        for job in jobs where job.isVictim && job.weight == nil {
            job.failure = nil
            attempt([job], batch)
        }
        report(jobs, batch)
        for job in jobs { job.finish() }
    }

    private static func attempt(_ jobs: [WriterJob], _ batch: WriteBatch) {
        do throws(StoreError) {
            try batch.transaction { () throws(StoreError) in
                for job in jobs {
                    do throws(StoreError) {
                        try batch.job(isOnly: jobs.count == 1) { () throws(StoreError) in try job.run(batch) }
                    } catch {
                        job.failure = error
                        // The only job has no savepoint: its transaction goes with it.
                        if jobs.count == 1 || batch.isBroken { throw error }
                    }
                }
            }
        } catch {
            for job in jobs where job.failure == nil {
                job.failure = error
                job.isVictim = jobs.count > 1
            }
        }
    }

    /// Tells the log of a disk that refuses, before those are told who waited for it.
    private static func report(_ jobs: [WriterJob], _ batch: WriteBatch) {
        let failures = jobs.compactMap(\.failure).filter(DiskTrouble.isCause)
        if let first = failures.first {
            batch.trouble.refused(first, requests: failures.count)
        } else if jobs.contains(where: { $0.failure == nil }) {
            batch.trouble.succeeded()
        }
    }

    /// Runs `body` on the writer's thread and returns once it is durable. `weight`: bytes of content in memory that it brings;
    /// nil: no content.
    func perform<Success: Sendable>(
        weight: Int? = nil, _ body: @escaping @Sendable (WriteBatch) throws(StoreError) -> Success
    ) async throws(StoreError) -> Success {
        let result: Result<Success, StoreError> = await withUnsafeContinuation { continuation in
            let isTaken = state.signal { state in
                if state.isClosed { return false }
                state.jobs.append(AwaitedJob(body, continuation, weight: weight))
                return true
            }
            if !isTaken { continuation.resume(returning: .failure(.unavailable("the store is closed"))) }
        }
        return try result.get()
    }

    /// Runs `body` soon; lost if the store is too busy.
    func enqueue(_ body: @escaping @Sendable (WriteBatch) throws(StoreError) -> Void) {
        state.signal { state in
            guard !state.isClosed, state.unawaited < Self.maximumUnawaited else { return }
            state.unawaited += 1
            state.jobs.append(UnawaitedJob(body))
        }
    }

    /// Refuses new jobs, finishes those there are and waits for the thread. Blocks.
    func close() {
        state.broadcast { $0.isClosed = true }
        state.wait { $0.isFinished ? () : nil }
    }
}
