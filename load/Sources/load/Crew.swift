import Glibc
import Synchronization

/// One connection's share of the work.
protocol Worker {
    /// Connects, logs in, selects: what is not measured.
    mutating func prepare() throws(LoadError)
    /// Works until `tally` says that nothing is left.
    mutating func work(_ tally: Tally) throws(LoadError)
    mutating func finish()
}

/// What is left to do and what was done, shared by all connections.
final class Tally: Sendable {
    private struct State {
        var latencies: [Float] = []
        var operations = 0
        var bytes = 0
    }

    private let total: Int
    private let next = Atomic<Int>(0)
    private let state = Mutex(State())

    init(total: Int) { self.total = total }

    /// The number of the next piece of work, from 0; nil if all is taken.
    func take() -> Int? {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < total ? number : nil
    }

    /// The next `count` pieces at once, fewer at the end.
    func take(_ count: Int) -> Range<Int> {
        let first = min(next.wrappingAdd(count, ordering: .relaxed).oldValue, total)
        return first..<min(first + count, total)
    }

    /// A thread's own figures, once at its end.
    func add(operations: Int, bytes: Int, latencies: [Float]) {
        state.withLock { state in
            state.operations += operations
            state.bytes += bytes
            state.latencies += latencies
        }
    }

    var result: (operations: Int, bytes: Int, latencies: [Float]) {
        state.withLock { ($0.operations, $0.bytes, $0.latencies) }
    }
}

/// Seconds from a clock that never jumps.
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Runs workers side by side: all prepare, then all begin at once.
struct Crew {
    private struct Progress {
        var ready = 0
        var done = 0
        var failure: LoadError?
    }

    let total: Int

    /// - Parameter make: the worker of each connection, from 0; called on the worker's own thread.
    func run(connections: Int, _ make: @escaping @Sendable (Int) -> any Worker) throws(LoadError) -> Report {
        let tally = Tally(total: total)
        let progress = Gate(Progress())
        for number in 0..<connections {
            SystemThread.start {
                var worker = make(number)
                do throws(LoadError) {
                    try worker.prepare()
                    progress.change { $0.ready += 1 }
                    progress.wait { $0.ready == connections || $0.failure != nil }
                    try worker.work(tally)
                } catch {
                    progress.change { $0.failure = $0.failure ?? error }
                }
                progress.change { $0.done += 1 }
                worker.finish()
            }
        }
        progress.wait { $0.ready == connections || $0.failure != nil }
        let began = monotonicSeconds()
        let cpu = Report.ownCPU()
        progress.wait { $0.done == connections || $0.failure != nil }
        let seconds = monotonicSeconds() - began
        if let failure = progress.value.failure { throw failure }
        return Report(tally, seconds: seconds, cpu: Report.ownCPU() - cpu)
    }
}
