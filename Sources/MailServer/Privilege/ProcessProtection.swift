import CProcess
import Glibc

/// What a process that handles secrets sets up before it touches any.
package enum ProcessProtection {
    /// To be called first, while there is one thread: what it writes is the owner's alone, nothing it starts gains rights, and
    /// a crash shows nothing of its memory.
    package static func begin() {
        umask(0o077)
        _ = process_renounce_privileges()
        hideRegistersInCrashReports()
        allowCoreDumps(false)
    }

    /// Whether a crash may leave a core file, which would hold mail, passwords and keys, and whether other processes of the
    /// same user may read this one's memory.
    static func allowCoreDumps(_ allowed: Bool) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        limit.rlim_cur = allowed ? limit.rlim_max : 0
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        // The limit alone would not do: a core that goes to a program (core(5)) knows none.
        _ = process_set_dumpable(allowed ? 1 : 0)
    }

    /// Swift's backtrace (where the program that prints it is installed) shows registers and what they point at, and a Swift
    /// string of up to 15 bytes lives in registers. It takes its settings from the environment before `main`, so the program
    /// starts itself anew, once, with that part left out.
    private static func hideRegistersInCrashReports() {
        var action = sigaction()
        sigaction(SIGILL, nil, &action)
        guard action.__sigaction_handler.sa_handler != nil else { return }
        let settings = getenv("SWIFT_BACKTRACE").map { String(cString: $0) } ?? ""
        guard !settings.contains("registers=") else { return }
        setenv("SWIFT_BACKTRACE", settings.isEmpty ? "registers=none" : "\(settings),registers=none", 1)
        // By its path: the process would be listed as “exe” otherwise.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { path in
            guard let memory = path.baseAddress else { return }
            let count = readlink("/proc/self/exe", memory, path.count - 1)
            guard count > 0 else { return }
            path[count] = 0
            execv(memory, CommandLine.unsafeArgv)
        }
    }
}
