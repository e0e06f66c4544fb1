import Glibc

/// Runs the Swift tasks of one thread on that thread, in the order in which they become ready, so that an input always runs
/// alike. Those with an executor of their own, such as sessions, come here only if they start others.
enum SerialTasks {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    private final class Executor: TaskExecutor {
        func enqueue(_ job: consuming ExecutorJob) { SerialTasks.jobs.append(UnownedJob(job)) }
    }

    // Safety of both: used by `thread` alone; the hook makes sure of it.
    nonisolated(unsafe) private static var jobs: [UnownedJob] = []
    nonisolated(unsafe) private static var isInstalled = false
    /// The first that asked: the fuzzer's only one.
    private static let thread = pthread_self()
    private static let executor = Executor()

    /// Takes over what would run on the global executor: the runtime calls a hook instead if one is set.
    static func install() {
        expect(pthread_equal(thread, pthread_self()) != 0, "a second thread runs sessions")
        guard !isInstalled else { return }
        isInstalled = true
        let hook: Hook = { job, original in
            guard pthread_equal(SerialTasks.thread, pthread_self()) != 0 else { return original(job) }
            SerialTasks.jobs.append(job)
        }
        set(hook)
    }

    /// Gives the global executor back.
    static func remove() {
        isInstalled = false
        set(nil)
    }

    private static func set(_ hook: Hook?) {
        guard let symbol = dlsym(nil, "swift_task_enqueueGlobal_hook") else {
            fail("the runtime has no hook for tasks")
        }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = hook
    }

    /// Runs what is ready; false if nothing was.
    static func run() -> Bool {
        guard !jobs.isEmpty else { return false }
        let ready = jobs
        jobs = []
        for job in ready { job.runSynchronously(on: executor.asUnownedTaskExecutor()) }
        return true
    }
}

extension SerialTasks {
    private final class Box<Value>: @unchecked Sendable {
        // One thread; see above.
        var value: Value?
    }

    /// Runs `body` to its end, `settle` being how.
    static func wait<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () async throws(Failure) -> Value, settle: () -> Void = { while run() {} }
    ) -> Value {
        install()
        let box = Box<Value>()
        Task {
            do throws(Failure) {
                box.value = try await body()
            } catch {
                fail("\(error)")
            }
        }
        settle()
        guard let value = box.value else { fail("the store does not answer") }
        return value
    }
}
