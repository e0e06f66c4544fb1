import MailModel
import Synchronization

/// One account of a memory shard.
final class MemoryAccount: AccountStore {
    let id: AccountID
    private let state: MemoryState
    private let now: @Sendable () -> Timestamp
    private let locks = FolderLocks()

    init(id: AccountID, state: MemoryState, now: @escaping @Sendable () -> Timestamp) {
        self.id = id
        self.state = state
        self.now = now
    }

    private func access<Result>(
        _ body: (MemoryAccountData) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try state.access { data throws(StoreError) in
            guard let account = data.accounts[id.rawValue] else { throw .notFound("account \(id)") }
            return try body(account)
        }
    }

    /// As `access`; subscribers of the folders that `body` names are called afterwards.
    private func change<Result>(
        _ body: (MemoryAccountData) throws(StoreError) -> (Result, [FolderID])
    ) throws(StoreError) -> Result {
        let (result, notices) = try access { account throws(StoreError) in
            let (result, folders) = try body(account)
            return (result, account.notices(of: folders))
        }
        for notify in notices { notify() }
        return result
    }

    // MARK: Folders

    func folders() async throws(StoreError) -> [Folder] {
        try access { account throws(StoreError) in account.state.sortedFolders }
    }

    func folder(_ id: FolderID) async throws(StoreError) -> Folder {
        try access { account throws(StoreError) in try account.state.folder(id).folder }
    }

    func createFolder(
        named name: String, in parent: FolderID, kind: FolderKind, role: FolderRole?
    ) async throws(StoreError) -> Folder {
        try change { account throws(StoreError) in
            let name = try account.state.checkNewFolder(named: name, in: parent, kind: kind, role: role)
            let id = FolderID(try account.state.takeID())
            let change = try account.state.takeChange()
            let folder = FolderState(
                id,
                FolderValues(
                    parent: parent, name: name, kind: kind, role: role, isSubscribed: false,
                    uidValidity: account.state.takeValidity(), highestChange: change, propertiesChange: change))
            folder.values.snapshot = .empty(id, folder.values)
            account.state.values.folders[id.rawValue] = folder
            account.log(.folder, .create, folder, change)
            return (folder.folder, [id])
        }
    }

    func renameFolder(_ id: FolderID, to name: String, in parent: FolderID) async throws(StoreError) {
        try change { account throws(StoreError) in
            let name = try account.state.checkRename(id, to: name, in: parent)
            let folder = try account.state.folder(id)
            let change = try account.state.takeChange()
            folder.values.name = name
            folder.values.parent = parent
            folder.values.propertiesChange = change
            account.log(.folder, .update, folder, change)
            return ((), [id])
        }
    }

    func deleteFolder(_ id: FolderID) async throws(StoreError) {
        let now = now()
        try change { account throws(StoreError) in
            try account.state.checkDelete(id)
            let folder = try account.state.folder(id)
            _ = try account.expunge(Array(0..<account.snapshot(folder).count), in: folder, now: now)
            let change = try account.state.takeChange()
            account.state.values.folders[id.rawValue] = nil
            account.log(.folder, .delete, folder, change)
            return ((), [id])
        }
    }

    func setSubscribed(_ subscribed: Bool, folder id: FolderID) async throws(StoreError) {
        try change { account throws(StoreError) in
            let folder = try account.state.folder(id)
            guard folder.values.isSubscribed != subscribed else { return ((), []) }
            let change = try account.state.takeChange()
            folder.values.isSubscribed = subscribed
            folder.values.propertiesChange = change
            account.log(.folder, .update, folder, change)
            return ((), [id])
        }
    }

    func orphanSubscriptions() async throws(StoreError) -> [String] {
        try access { account throws(StoreError) in account.state.values.orphanSubscriptions.sorted() }
    }

    func setOrphanSubscription(_ path: String, subscribed: Bool) async throws(StoreError) {
        try access { account throws(StoreError) in
            if subscribed {
                try account.state.checkOrphanSubscription(path)
                account.state.values.orphanSubscriptions.insert(path)
            } else {
                account.state.values.orphanSubscriptions.remove(path)
            }
        }
    }

    // MARK: Messages

    func mailbox(_ id: FolderID) async throws(StoreError) -> MailboxSnapshot {
        try access { account throws(StoreError) in account.snapshot(try account.state.folder(id)) }
    }

    func append(_ messages: [NewMessage], to folder: FolderID) async throws(StoreError) -> AppendResult {
        let now = now()
        return try change { account throws(StoreError) in
            (try account.append(messages, to: folder, now: now), [folder])
        }
    }

    func changeFlags(
        _ change: FlagChange, of uids: UIDSet, in folder: FolderID, unchangedSince: ChangeNumber?
    ) async throws(StoreError) -> FlagChangeResult {
        try self.change { account throws(StoreError) in
            let result = try account.changeFlags(change, of: uids, in: folder, unchangedSince: unchangedSince)
            return (result, result.change == nil ? [] : [folder])
        }
    }

    func copy(
        _ uids: UIDSet, from source: FolderID, to destination: FolderID
    ) async throws(StoreError) -> CopyResult {
        let now = now()
        return try change { account throws(StoreError) in
            (try account.copy(uids, from: source, to: destination, isMove: false, now: now), [destination])
        }
    }

    func move(
        _ uids: UIDSet, from source: FolderID, to destination: FolderID
    ) async throws(StoreError) -> CopyResult {
        let now = now()
        return try change { account throws(StoreError) in
            (try account.copy(uids, from: source, to: destination, isMove: true, now: now), [source, destination])
        }
    }

    func expunge(_ uids: UIDSet, in folderID: FolderID, onlyDeleted: Bool) async throws(StoreError) -> UIDSet {
        let now = now()
        return try change { account throws(StoreError) in
            let folder = try account.state.folder(folderID)
            let snapshot = account.snapshot(folder)
            let indexes = snapshot.indexes(of: uids).filter { index in
                !onlyDeleted || (snapshot.row(at: index)?.flags.contains(.deleted) ?? false)
            }
            let gone = try account.expunge(indexes, in: folder, now: now)
            return (gone, gone.isEmpty ? [] : [folderID])
        }
    }

    func recoverable(limit: Int) async throws(StoreError) -> [RecoverableItem] {
        try access { account throws(StoreError) in
            let items = account.items.compactMap { id, item in
                item.deleted.map {
                    RecoverableItem(item: ItemID(id), folder: item.folder, size: Int64(item.content.size), deleted: $0)
                }
            }
            return Array(items.sorted { ($0.deleted, $0.item) > ($1.deleted, $1.item) }.prefix(max(limit, 0)))
        }
    }

    func undelete(_ items: [ItemID]) async throws(StoreError) -> Int {
        let now = now()
        return try change { account throws(StoreError) in
            let result = try account.undelete(items, now: now)
            return (result.count, result.folders)
        }
    }

    // MARK: Content

    func content(of item: ItemID) async throws(StoreError) -> any ContentReader {
        try access { account throws(StoreError) in
            guard let content = account.items[item.rawValue]?.content else { throw .notFound("item \(item)") }
            return content
        }
    }

    func summaries(of items: [ItemID]) async throws(StoreError) -> [[UInt8]?] {
        try access { account throws(StoreError) in items.map { account.items[$0.rawValue]?.summary } }
    }

    func identities(of items: [ItemID]) async throws(StoreError) -> [ItemIdentity?] {
        try access { account throws(StoreError) in
            items.map { id in
                account.items[id.rawValue].map {
                    ItemIdentity(email: $0.email, thread: $0.thread, saved: $0.saved, uidl: String(id.rawValue))
                }
            }
        }
    }

    // MARK: Changes

    func changes(since: ChangeNumber, limit: Int) async throws(StoreError) -> [Change]? {
        try access { account throws(StoreError) in
            guard since.rawValue >= account.state.values.logFloor else { return nil }
            return Change.page(account.log.filter { $0.number > since }, limit: limit)
        }
    }

    func subscribe(to folder: FolderID?, _ handler: @escaping @Sendable () -> Void) -> StoreSubscription {
        guard let subscribers = try? access({ account throws(StoreError) in account.subscribers }) else {
            return StoreSubscription {}
        }
        return subscribers.add(folder, handler)
    }

    // MARK: Limits and locks

    func quota() async throws(StoreError) -> QuotaUsage {
        try access { account throws(StoreError) in account.state.usage }
    }

    func lock(_ folder: FolderID) -> FolderLock? { locks.lock(folder) }
}

extension MemoryAccountData {
    func log(_ object: Change.Object, _ operation: Change.Operation, _ folder: FolderState, _ change: Int64) {
        log.append(
            Change(
                number: ChangeNumber(change), object: object, operation: operation, id: folder.id.rawValue,
                folder: folder.values.parent, oldFolder: nil, uid: nil, email: nil))
    }
}
