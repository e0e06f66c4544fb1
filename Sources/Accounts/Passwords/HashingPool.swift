import Dispatch
import Synchronization

/// Two threads for work that keeps a core busy for milliseconds, away from event loops and the cooperative pool, with a
/// bounded queue: under a flood of logins, the server says "later" instead of growing.
package final class HashingPool: Sendable {
    /// The queue is full.
    package struct Overloaded: Error {}

    private let lanes: [DispatchQueue]
    private let limit: Int
    /// Jobs waiting or running, by lane.
    private let load: Mutex<[Int]>

    /// - Parameters:
    ///   - threads: how many run at once; 0: work is done at once where it is asked for, as tests without threads need.
    ///   - limit: how many may be waiting or running; at 14 ms each on two threads, 512 are three and a half seconds.
    package init(threads: Int = 2, limit: Int = 512) {
        // Serial queues have a thread of their own each while busy; they never borrow one of the cooperative pool.
        lanes = (0..<max(threads, 0)).map { DispatchQueue(label: "martlet.hashing.\($0)") }
        self.limit = limit
        load = Mutex(lanes.map { _ in 0 })
    }

    /// Runs `work` on one of the threads.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(Overloaded) -> Value {
        if lanes.isEmpty { return work() }
        let free: Int? = load.withLock { load in
            guard load.reduce(0, +) < limit, let lane = load.indices.min(by: { load[$0] < load[$1] }) else {
                return nil
            }
            load[lane] += 1
            return lane
        }
        guard let lane = free else { throw Overloaded() }
        return await withCheckedContinuation { continuation in
            lanes[lane].async {
                let value = work()
                self.load.withLock { $0[lane] -= 1 }
                continuation.resume(returning: value)
            }
        }
    }
}
