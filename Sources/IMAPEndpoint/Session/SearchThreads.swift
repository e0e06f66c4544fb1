import Dispatch
package import MailModel
import Synchronization

/// Threads for searching texts, which may keep a core busy for a while: bounded, so that searches wait for each other and
/// not logins or deliveries for them.
///
/// Accounts take turns, slice by slice: who runs many searches waits for their own, not others for them. What waits is
/// bounded by `SearchTurns` and by the sessions of an account.
package final class SearchThreads: SearchWorkers {
    private typealias Job = @Sendable () -> Void

    private struct State {
        /// Jobs that wait, by account.
        var jobs: [AccountID?: [Job]] = [:]
        /// The accounts among them, the next one first.
        var order: [AccountID?] = []
        var running = 0

        /// The first job of the account whose turn it is, which then goes to the end of the row.
        mutating func take() -> Job? {
            guard let account = order.first, var waiting = jobs[account], !waiting.isEmpty else {
                running -= 1
                return nil
            }
            order.removeFirst()
            let job = waiting.removeFirst()
            jobs[account] = waiting.isEmpty ? nil : waiting
            if !waiting.isEmpty { order.append(account) }
            return job
        }
    }

    private let threads: Int
    private let queue = DispatchQueue(label: "martlet.search", attributes: .concurrent)
    private let state = Mutex(State())

    package init(threads: Int = 2) { self.threads = max(threads, 1) }

    package func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await run(for: nil, body)
    }

    package func workers(for account: AccountID) -> any SearchWorkers { Share(threads: self, account: account) }

    fileprivate func run<Result: Sendable>(
        for account: AccountID?, _ body: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            add(account) { continuation.resume(returning: body()) }
        }
    }

    /// Jobs that no thread has taken yet.
    var waiting: Int { state.withLock { $0.jobs.values.reduce(0) { $0 + $1.count } } }

    private func add(_ account: AccountID?, _ job: @escaping Job) {
        let needsThread = state.withLock { state in
            if state.jobs[account] == nil { state.order.append(account) }
            state.jobs[account, default: []].append(job)
            guard state.running < threads else { return false }
            state.running += 1
            return true
        }
        if needsThread { queue.async { self.work() } }
    }

    private func work() {
        while let job = next() { job() }
    }

    /// The next job; nil ends the thread.
    private func next() -> Job? {
        state.withLock { $0.take() }
    }

    private struct Share: SearchWorkers {
        let threads: SearchThreads
        let account: AccountID

        func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
            await threads.run(for: account, body)
        }
    }
}
