package import Logging
package import MailModel
import Synchronization

/// Says in the log that the disk refuses, what helps, and that it takes writes again: a line at the beginning, one a minute
/// while it lasts, one at the end, however many requests are refused.
package final class DiskTrouble: Sendable {
    private struct Ongoing {
        let since: Timestamp
        var told: Timestamp
        var last: Timestamp
        var refused: Int
    }

    private let what: String
    private let directory: String
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let state = Mutex<Ongoing?>(nil)

    private static let interval: Int64 = 60
    /// Seconds without a refusal after which it is over: a full disk still takes a small write here and there.
    private static let calm: Int64 = 10

    /// `what` is refused, as in “new mail”.
    package init(
        _ what: String, directory: String, logger: Logger = Logger(label: "store"),
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.what = what
        self.directory = directory
        self.logger = logger
        self.now = now
    }

    /// Whether `error` is the disk's doing.
    static func isCause(of error: StoreError) -> Bool {
        switch error {
        case .diskFull, .unavailable: true
        default: false
        }
    }

    package func refused(_ error: StoreError, requests: Int = 1) {
        let time = now()
        let known: Ongoing?
        let isDue: Bool
        (known, isDue) = state.withLock { state in
            let known = state
            var ongoing = known ?? Ongoing(since: time, told: time, last: time, refused: 0)
            let isDue = known == nil || time.seconds - ongoing.told.seconds >= Self.interval
            if isDue { ongoing.told = time }
            ongoing.refused += requests
            ongoing.last = time
            state = ongoing
            return (known, isDue)
        }
        guard isDue else { return }
        let (cause, remedy) = Self.explain(error, directory)
        logger.error(
            known == nil
                ? "the disk refuses: \(what) is refused until it takes writes again" : "the disk still refuses",
            metadata: [
                "cause": "\(cause)", "remedy": "\(remedy)", "refused": "\((known?.refused ?? 0) + requests)",
            ])
    }

    package func succeeded() {
        // Nearly always nil.
        guard state.withLock({ $0 != nil }) else { return }
        let time = now()
        let past = state.withLock { state -> Ongoing? in
            guard let ongoing = state, time.seconds - ongoing.last.seconds >= Self.calm else { return nil }
            state = nil
            return ongoing
        }
        guard let past else { return }
        logger.notice(
            "the disk takes writes again: \(what) is taken",
            metadata: ["refused": "\(past.refused)", "seconds": "\(time.seconds - past.since.seconds)"])
    }

    private static func explain(_ error: StoreError, _ directory: String) -> (cause: String, remedy: String) {
        switch error {
        case .diskFull(let cause):
            (cause, "make room on the disk of \(directory); nothing needs to be started again")
        case .unavailable(let cause):
            (
                cause,
                "look at the kernel's log (dmesg) and at the disk of \(directory); restore from a backup if it is failing"
            )
        default: ("\(error)", "")
        }
    }
}
