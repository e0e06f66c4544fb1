/// A fixed number of threads for work that blocks or computes long: disk, compression, queries. Who asks is suspended
/// until it is done, so that what waits is bounded by who may ask.
package final class WorkerPool: Sendable {
    private struct State {
        var jobs: [@Sendable (Int) -> Void] = []
        /// Index of the next job; the array is compacted when it has run dry.
        var next = 0
        var isClosed = false
    }

    private let state = Monitor(State())
    private let finished = Monitor(0)
    private let threads: Int

    package init(name: String, threads: Int) {
        self.threads = threads
        for number in 0..<threads {
            SystemThread.start(name: "\(name)-\(number)") { [state, finished] in
                Self.work(number, state)
                finished.broadcast { $0 += 1 }
            }
        }
    }

    private static func work(_ number: Int, _ state: Monitor<State>) {
        while true {
            let job: (@Sendable (Int) -> Void)? = state.wait { state in
                if state.next < state.jobs.count {
                    let job = state.jobs[state.next]
                    state.next += 1
                    if state.next == state.jobs.count {
                        state.jobs.removeAll(keepingCapacity: true)
                        state.next = 0
                    }
                    return .some(job)
                }
                return state.isClosed ? .some(nil) : nil
            }
            guard let job else { return }
            job(number)
        }
    }

    /// Runs `body` on one of the threads, whose number it gets; nil after `close`.
    package func run<Result: Sendable>(_ body: @escaping @Sendable (Int) -> Result) async -> Result? {
        await withUnsafeContinuation { continuation in
            let isTaken = state.signal { state in
                if state.isClosed { return false }
                state.jobs.append { continuation.resume(returning: body($0)) }
                return true
            }
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    /// Refuses new jobs, finishes those there are, and waits for the threads. Blocks.
    package func close() {
        state.broadcast { $0.isClosed = true }
        finished.wait { $0 == threads ? () : nil }
    }
}
