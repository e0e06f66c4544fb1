import MailModel
import Synchronization

/// Who wants to hear of an account's commits, by folder.
final class FolderSubscribers: Sendable {
    private struct State {
        var next = 0
        var all: [Int: @Sendable () -> Void] = [:]
        var byFolder: [FolderID: [Int: @Sendable () -> Void]] = [:]
    }

    private let state = Mutex(State())

    func add(_ folder: FolderID?, _ handler: @escaping @Sendable () -> Void) -> StoreSubscription {
        let number = state.withLock { state in
            state.next += 1
            if let folder {
                state.byFolder[folder, default: [:]][state.next] = handler
            } else {
                state.all[state.next] = handler
            }
            return state.next
        }
        return StoreSubscription { [weak self] in self?.remove(number, folder) }
    }

    private func remove(_ number: Int, _ folder: FolderID?) {
        // Released outside the lock: what a handler captured may do anything when it goes.
        let handler = state.withLock { state in
            guard let folder else { return state.all.removeValue(forKey: number) }
            let handler = state.byFolder[folder]?.removeValue(forKey: number)
            if state.byFolder[folder]?.isEmpty ?? false { state.byFolder[folder] = nil }
            return handler
        }
        _ = handler
    }

    func hasSubscribers(_ folder: FolderID) -> Bool {
        state.withLock { $0.byFolder[folder] != nil }
    }

    /// Wakes those who asked for `folder` or for all.
    func notify(_ folder: FolderID) {
        let handlers = state.withLock { state in
            Array(state.all.values) + (state.byFolder[folder].map { Array($0.values) } ?? [])
        }
        for handler in handlers { handler() }
    }
}
