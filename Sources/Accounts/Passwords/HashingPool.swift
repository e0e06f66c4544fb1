import Dispatch
import Synchronization

/// Two threads for work that keeps a core busy for milliseconds, away from event loops and the cooperative pool, with a
/// bounded queue: under a flood of logins, the server says "later" instead of growing.
package final class HashingPool: Sendable {
    /// The queue is full.
    package struct Overloaded: Error {}

    private let lanes: [DispatchQueue]
    private let limit: Int
    private let state = Mutex((waiting: 0, next: 0))

    /// - Parameters:
    ///   - threads: how many run at once.
    ///   - limit: how many may be waiting or running; at 14 ms each on two threads, 128 are about a second.
    package init(threads: Int = 2, limit: Int = 128) {
        // Serial queues have a thread of their own each while busy; they never borrow one of the cooperative pool.
        lanes = (0..<max(threads, 1)).map { DispatchQueue(label: "martlet.hashing.\($0)") }
        self.limit = limit
    }

    /// Runs `work` on one of the threads.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(Overloaded) -> Value {
        let lane: DispatchQueue? = state.withLock { state in
            guard state.waiting < limit else { return nil }
            state.waiting += 1
            state.next = (state.next + 1) % lanes.count
            return lanes[state.next]
        }
        guard let lane else { throw Overloaded() }
        return await withCheckedContinuation { continuation in
            lane.async {
                let value = work()
                self.state.withLock { $0.waiting -= 1 }
                continuation.resume(returning: value)
            }
        }
    }
}
