import MailModel
import Synchronization

/// The handles that somebody holds, one per account.
final class AccountHandles: Sendable {
    private struct Entry {
        weak var handle: DatabaseAccount?
    }

    private let entries = Mutex<[Int64: Entry]>([:])

    func existing(_ id: AccountID) -> DatabaseAccount? { entries.withLock { $0[id.rawValue]?.handle } }

    /// The handle there is, or the one that `make` gives.
    func handle(_ id: AccountID, _ make: () -> DatabaseAccount) -> DatabaseAccount {
        entries.withLock { entries in
            if let handle = entries[id.rawValue]?.handle { return handle }
            let handle = make()
            if entries.count > 1024, entries.count % 256 == 0 { entries = entries.filter { $0.value.handle != nil } }
            entries[id.rawValue] = Entry(handle: handle)
            return handle
        }
    }
}
