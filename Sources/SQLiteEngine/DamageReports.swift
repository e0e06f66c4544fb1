import CSQLiteVFS
import Logging
import MailStore
import Synchronization

/// What the connections of a database met of damage: each page is told once to the log, however many statements fail on it.
final class DamageReports: Sendable {
    private struct State {
        var pages: Set<UInt32> = []
        var frames: Set<UInt32> = []
        var damagedFrame: UInt32?
        /// Transactions refused since.
        var refusals = 0
    }

    private let path: String
    private let logger: Logger
    private let state = Mutex(State())

    /// Pages told one by one.
    private static let maximum = 32

    init(path: String, logger: Logger = Logger(label: "store")) {
        self.path = path
        self.logger = logger
    }

    /// The frame of the log that has been found damaged, and how often this was asked since; nil if there is none.
    func refuse() -> (frame: UInt32, times: Int)? {
        state.withLock { state in
            guard let frame = state.damagedFrame else { return nil }
            state.refusals += 1
            return (frame, state.refusals)
        }
    }

    func forgetLog() {
        state.withLock { state in
            state.damagedFrame = nil
            state.refusals = 0
            state.frames = []
        }
    }

    /// What a connection has met since the last call, for people; nil if nothing.
    func take(_ connection: OpaquePointer) -> String? {
        let damage = csqlitevfs_take_damage(connection)
        if damage.frame > 0 {
            frame(damage.frame)
            return "frame \(damage.frame) of \(path)-wal"
        }
        guard damage.page > 0 else { return nil }
        page(damage.page)
        return "page \(damage.page) of \(path)"
    }

    func page(_ number: UInt32) {
        let count = state.withLock { state in
            state.pages.count <= Self.maximum && state.pages.insert(number).inserted ? state.pages.count : nil
        }
        guard let count else { return }
        guard count <= Self.maximum else {
            logger.critical(
                "more pages of \(path) are damaged", metadata: ["remedy": "`martlet verify` lists them all"])
            return
        }
        logger.critical(
            "page \(number) of \(path) is damaged: what needs it is refused, all else goes on",
            metadata: [
                "remedy": """
                `martlet verify` says what is affected; look after the disk, restore from a backup or use `martlet salvage`
                """
            ])
    }

    func frame(_ number: UInt32) {
        let isNew = state.withLock { state in
            state.damagedFrame = number
            return state.frames.insert(number).inserted
        }
        guard isNew else { return }
        logger.critical(
            "frame \(number) of \(path)-wal is damaged: nothing is changed until it is corrected",
            metadata: [
                "remedy": """
                copy the data folder, then start the server again: what was changed since the frame was written may be \
                missing, and `martlet salvage` looks for such messages
                """
            ])
    }

    func corrected(_ number: UInt32, _ how: String) {
        forgetLog()
        logger.warning("frame \(number) of \(path)-wal was damaged: \(how)")
    }
}
