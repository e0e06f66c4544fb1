import MailModel
import Synchronization

/// Folders in exclusive use by a POP3 session (RFC 1939 §4).
final class FolderLocks: Sendable {
    private let held = Mutex<Set<FolderID>>([])

    /// Nil if another session holds the folder.
    func lock(_ folder: FolderID) -> FolderLock? {
        guard held.withLock({ $0.insert(folder).inserted }) else { return nil }
        let isHeld = OnceFlag()
        return FolderLock { [weak self] in
            // Release and deinit both come here; only the first may free the folder, which may be another's by then.
            if isHeld.take() { self?.held.withLock { _ = $0.remove(folder) } }
        }
    }
}

/// True for the first who asks.
final class OnceFlag: Sendable {
    private let isTaken = Mutex(false)

    func take() -> Bool {
        isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }
}
