import MailModel
import Synchronization

/// What readers see of an account: the state at the last commit that touched it.
final class PublishedAccount: Sendable {
    private struct State {
        var folders: [Folder] = []
        var byID: [FolderID: Folder] = [:]
        var snapshots: [FolderID: MailboxSnapshot] = [:]
        /// Folders read since the cache was last trimmed.
        var used: Set<FolderID> = []
        var usage = QuotaUsage(bytes: 0, messages: 0, limit: nil)
        var orphans: Set<String> = []
        var isFilled = false
        var isGone = false
    }

    private let state = Mutex(State())

    private func read<Result>(
        _ id: AccountID, _ body: (inout State) throws(StoreError) -> Result
    ) throws(StoreError) -> Result where Result: Sendable {
        let result: Swift.Result<Result, StoreError> = state.withLock { state in
            if state.isGone { return .failure(.notFound("account \(id)")) }
            do throws(StoreError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    func folders(_ id: AccountID) throws(StoreError) -> [Folder] {
        try read(id) { state throws(StoreError) in
            if state.folders.isEmpty { state.folders = Folder.parentsFirst(state.byID.values) }
            return state.folders
        }
    }

    func folder(_ folder: FolderID, _ id: AccountID) throws(StoreError) -> Folder {
        try read(id) { state throws(StoreError) in
            guard let found = state.byID[folder] else { throw .notFound("folder \(folder)") }
            return found
        }
    }

    func snapshot(_ folder: FolderID, _ id: AccountID) throws(StoreError) -> MailboxSnapshot? {
        try read(id) { state throws(StoreError) in
            guard state.byID[folder] != nil else { throw .notFound("folder \(folder)") }
            state.used.insert(folder)
            return state.snapshots[folder]
        }
    }

    func usage(_ id: AccountID) throws(StoreError) -> QuotaUsage {
        try read(id) { state throws(StoreError) in state.usage }
    }

    func orphans(_ id: AccountID) throws(StoreError) -> [String] {
        try read(id) { state throws(StoreError) in state.orphans.sorted() }
    }

    /// Takes over what a commit has changed: `changed` folders, or all the first time. On the writer's thread.
    func update(_ account: AccountState, changed: [FolderID]) {
        state.withLock { state in
            let ids = state.isFilled ? changed : account.values.folders.keys.map { FolderID($0) }
            for id in ids {
                let folder = account.values.folders[id.rawValue]
                state.byID[id] = folder?.folder
                state.snapshots[id] = folder?.values.snapshot
            }
            if !ids.isEmpty { state.folders = [] }
            state.usage = account.usage
            state.orphans = account.values.orphanSubscriptions
            state.isFilled = true
        }
    }

    /// Filled by a commit, and not gone.
    var isReady: Bool { state.withLock { $0.isFilled && !$0.isGone } }

    func end() { state.withLock { $0.isGone = true } }

    /// Whether nobody has read the folder since the last call.
    func wasIdle(_ folder: FolderID) -> Bool { state.withLock { $0.used.remove(folder) == nil } }

    func forget(_ folder: FolderID) { state.withLock { $0.snapshots[folder] = nil } }
}
