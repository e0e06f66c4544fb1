import NIOCore

/// Runs a session's async code on its connection's event loop, so that touching the connection needs no hop.
///
/// Measured per message: 24.5 µs this way against 42.7 on the global executor. The pinning is a preference: calling an
/// actor hops away and back, so sessions call plain functions and continuations.
final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop
    let turns: LoopTurns

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        turns = LoopTurns(eventLoop)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        eventLoop.execute { job.runSynchronously(on: executor) }
    }

    func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
}
