import MailModel
import MessageFormat

/// One account's rows in memory.
final class MemoryAccountData {
    struct Item {
        var folder: FolderID
        var uid: UInt32
        var flags: SystemFlags
        var keywordSet: UInt16
        var email: EmailID
        var thread: ThreadID
        var received: Timestamp
        var saved: Timestamp
        var deleted: Timestamp?
        var content: MemoryContent
        var summary: [UInt8]
    }

    struct DeliveryKey: Hashable {
        let delivery: DeliveryID
        let recipient: String
    }

    let state: AccountState
    var items: [Int64: Item] = [:]
    var log: [Change] = []
    var threads: [Int64: ThreadID] = [:]
    var deliveries: Set<DeliveryKey> = []
    let subscribers: FolderSubscribers

    init(_ state: AccountState) {
        self.state = state
        subscribers = FolderSubscribers()
        for folder in state.values.folders.values {
            folder.values.snapshot = .empty(folder.id, folder.values)
        }
    }

    func notices(of folders: [FolderID]) -> [@Sendable () -> Void] {
        let subscribers = subscribers
        return folders.map { folder in { subscribers.notify(folder) } }
    }

    func snapshot(_ folder: FolderState) -> MailboxSnapshot {
        folder.values.snapshot ?? .empty(folder.id, folder.values)
    }

    /// One row into `folder`: everything but the log entry.
    private func insert(_ item: Item, as id: Int64, change: Int64, into folder: FolderState) {
        items[id] = item
        folder.values.highestChange = change
        folder.values.count(flags: item.flags, size: Int64(item.content.size), by: 1)
        state.values.bytes += Int64(item.content.size)
        state.values.messages += 1
        let row = MailboxRow(
            uid: item.uid, item: ItemID(id), flags: item.flags, keywordSet: item.keywordSet,
            change: ChangeNumber(change),
            size: UInt32(clamping: item.content.size), received: item.received.seconds)
        folder.values.snapshot = snapshot(folder).appending(
            [row], numbers: folder.values, keywords: state.values.keywords.sets)
    }

    func append(_ messages: [NewMessage], to folderID: FolderID, now: Timestamp) throws(StoreError) -> AppendResult {
        let folder = try state.folder(folderID)
        var total: Int64 = 0
        for message in messages {
            guard message.message.content is MemoryContent else { throw .notAllowed("staged by another store") }
            try state.values.keywords.check(message.flags.keywords)
            total += Int64(message.message.size)
        }
        try state.checkQuota(total)
        let change = messages.isEmpty ? state.values.change : try state.takeChange()
        var (uids, ids): ([UInt32], [ItemID]) = ([], [])
        for message in messages {
            guard let content = message.message.content as? MemoryContent else { continue }
            let id = try state.takeID()
            let uid = folder.values.uidNext
            folder.values.uidNext += 1
            let item = Item(
                folder: folderID, uid: uid, flags: message.flags.system,
                keywordSet: state.values.keywords.number(of: message.flags.keywords).number, email: EmailID(id),
                thread: thread(of: message.message, id: id), received: message.received, saved: now, content: content,
                summary: message.message.summary.encode())
            insert(item, as: id, change: change, into: folder)
            log.append(
                Change(
                    number: ChangeNumber(change), object: .item, operation: .create, id: id, folder: folderID,
                    oldFolder: nil,
                    uid: uid, email: item.email))
            uids.append(uid)
            ids.append(ItemID(id))
        }
        return AppendResult(
            uidValidity: folder.values.uidValidity, uids: uids, items: ids, change: ChangeNumber(change))
    }

    private func thread(of message: StagedMessage, id: Int64) -> ThreadID {
        let keys = ThreadKeys.keys(of: message.summary)
        let thread = keys.lazy.compactMap { self.threads[$0] }.first ?? ThreadID(id)
        for key in keys where threads[key] == nil { threads[key] = thread }
        return thread
    }

    /// Takes a row out of its folder's numbers and snapshot.
    private func remove(_ indexes: [Int], from folder: FolderState, change: Int64) {
        let old = snapshot(folder)
        for index in indexes {
            guard let row = old.row(at: index), let item = items[row.item.rawValue] else { continue }
            folder.values.count(flags: row.flags, size: Int64(item.content.size), by: -1)
            state.values.bytes -= Int64(item.content.size)
            state.values.messages -= 1
        }
        folder.values.highestChange = change
        folder.values.snapshot = old.removing(indexes, numbers: folder.values, keywords: state.values.keywords.sets)
    }

    func expunge(_ indexes: [Int], in folder: FolderState, now: Timestamp) throws(StoreError) -> UIDSet {
        guard !indexes.isEmpty else { return UIDSet() }
        let rows = indexes.compactMap { snapshot(folder).row(at: $0) }
        let change = try state.takeChange()
        remove(indexes, from: folder, change: change)
        for row in rows {
            items[row.item.rawValue]?.deleted = now
            log.append(
                Change(
                    number: ChangeNumber(change), object: .item, operation: .delete, id: row.item.rawValue,
                    folder: folder.id, oldFolder: nil, uid: row.uid, email: items[row.item.rawValue]?.email))
        }
        return UIDSet(uids: rows.map(\.uid))
    }

    /// Copies, or moves where `isMove`.
    func copy(
        _ uids: UIDSet, from sourceID: FolderID, to destinationID: FolderID, isMove: Bool, now: Timestamp
    ) throws(StoreError) -> CopyResult {
        let source = try state.folder(sourceID)
        let destination = try state.folder(destinationID)
        let indexes = snapshot(source).indexes(of: uids)
        let rows = indexes.compactMap { snapshot(source).row(at: $0) }
        guard !rows.isEmpty else {
            return CopyResult(uidValidity: destination.values.uidValidity, source: [], destination: [])
        }
        if !isMove { try state.checkQuota(rows.reduce(0) { $0 + Int64($1.size) }) }
        let change = try state.takeChange()
        if isMove { remove(indexes, from: source, change: change) }
        var minted: [UInt32] = []
        for row in rows {
            guard var item = items[row.item.rawValue] else { continue }
            let id = try state.takeID()
            item.folder = destinationID
            item.uid = destination.values.uidNext
            item.saved = now
            destination.values.uidNext += 1
            if isMove { items[row.item.rawValue] = nil }
            insert(item, as: id, change: change, into: destination)
            minted.append(item.uid)
            if isMove {
                log.append(
                    Change(
                        number: ChangeNumber(change), object: .item, operation: .delete, id: row.item.rawValue,
                        folder: sourceID, oldFolder: nil, uid: row.uid, email: item.email))
            }
            log.append(
                Change(
                    number: ChangeNumber(change), object: .item, operation: isMove ? .move : .create, id: id,
                    folder: destinationID, oldFolder: isMove ? sourceID : nil, uid: item.uid, email: item.email))
        }
        return CopyResult(uidValidity: destination.values.uidValidity, source: rows.map(\.uid), destination: minted)
    }

    func changeFlags(
        _ flagChange: FlagChange, of uids: UIDSet, in folderID: FolderID, unchangedSince: ChangeNumber?
    ) throws(StoreError) -> FlagChangeResult {
        let folder = try state.folder(folderID)
        let plan = try FlagPlan(
            flagChange, of: uids, in: snapshot(folder), unchangedSince: unchangedSince, account: state)
        guard !plan.rows.isEmpty else {
            return FlagChangeResult(change: nil, changed: UIDSet(), modified: plan.modified)
        }
        let change = try state.takeChange()
        var updates: [RowUpdate] = []
        for planned in plan.rows {
            let set = state.values.keywords.number(of: planned.keywords).number
            items[planned.row.item.rawValue]?.flags = planned.system
            items[planned.row.item.rawValue]?.keywordSet = set
            folder.values.count(flags: planned.row.flags, size: 0, by: -1)
            folder.values.count(flags: planned.system, size: 0, by: 1)
            updates.append(RowUpdate(index: planned.index, flags: planned.system, keywordSet: set, change: change))
            log.append(
                Change(
                    number: ChangeNumber(change), object: .item, operation: planned.operation,
                    id: planned.row.item.rawValue, folder: folderID, oldFolder: nil, uid: planned.row.uid,
                    email: items[planned.row.item.rawValue]?.email))
        }
        folder.values.highestChange = change
        folder.values.snapshot = snapshot(folder).updating(
            updates, numbers: folder.values, keywords: state.values.keywords.sets)
        return FlagChangeResult(
            change: ChangeNumber(change), changed: UIDSet(uids: plan.rows.map(\.row.uid)), modified: plan.modified)
    }

    func undelete(_ ids: [ItemID], now: Timestamp) throws(StoreError) -> (count: Int, folders: [FolderID]) {
        let wanted = ids.filter { items[$0.rawValue]?.deleted != nil }
        guard !wanted.isEmpty else { return (0, []) }
        try state.checkQuota(wanted.reduce(0) { $0 + Int64(items[$1.rawValue]?.content.size ?? 0) })
        let change = try state.takeChange()
        var folders: Set<FolderID> = []
        for old in wanted {
            guard var item = items.removeValue(forKey: old.rawValue) else { continue }
            let home = state.values.folders[item.folder.rawValue] == nil ? SystemFolder.inbox : item.folder
            let folder = try state.folder(home)
            let id = try state.takeID()
            item.folder = folder.id
            item.uid = folder.values.uidNext
            item.deleted = nil
            item.flags.remove(.deleted)
            item.saved = now
            folder.values.uidNext += 1
            insert(item, as: id, change: change, into: folder)
            folders.insert(folder.id)
            log.append(
                Change(
                    number: ChangeNumber(change), object: .item, operation: .create, id: id, folder: folder.id,
                    oldFolder: nil, uid: item.uid, email: item.email))
        }
        return (wanted.count, Array(folders))
    }
}
