import MailModel

/// Flags, copies, moves, deletion and its undoing.
extension WriteBatch {
    func changeFlags(
        _ flagChange: FlagChange, of uids: UIDSet, in folderID: FolderID, unchangedSince: ChangeNumber?,
        of id: AccountID
    ) throws(StoreError) -> FlagChangeResult {
        let now = options.now()
        let account = try account(id)
        let folder = try account.folder(folderID)
        let old = try snapshot(folder, of: account)
        let plan = try FlagPlan(flagChange, of: uids, in: old, unchangedSince: unchangedSince, account: account)
        guard !plan.rows.isEmpty else {
            return FlagChangeResult(change: nil, changed: UIDSet(), modified: plan.modified)
        }
        change(account)
        change(folder, of: account)
        let number = try account.takeChange()
        var updates: [RowUpdate] = []
        updates.reserveCapacity(plan.rows.count)
        for planned in plan.rows {
            let set = try keywordSet(planned.keywords, of: account)
            try write(planned, set, number, folder, account)
            try log(planned.operation, row: planned.row.uid, of: folder, change: number, account, now)
            folder.values.count(flags: planned.row.flags, size: 0, by: -1)
            folder.values.count(flags: planned.system, size: 0, by: 1)
            updates.append(RowUpdate(index: planned.index, flags: planned.system, keywordSet: set, change: number))
        }
        folder.values.highestChange = number
        folder.values.snapshot = old.updating(updates, numbers: folder.values, keywords: account.values.keywords.sets)
        return FlagChangeResult(
            change: ChangeNumber(number), changed: UIDSet(uids: plan.rows.map(\.row.uid)), modified: plan.modified)
    }

    /// A log entry for a row that is there, with what the row says of itself.
    private func log(
        _ operation: Change.Operation, row uid: UInt32, of folder: FolderState, change: Int64, _ account: AccountState,
        _ now: Timestamp
    ) throws(StoreError) {
        try sql { connection throws(SQLError) in
            let statement = try connection.statement(.insertItemChange)
            statement.bind(change)
            statement.bind(operation.rawValue)
            statement.bind(now.rawValue)
            statement.bind(account.id.rawValue)
            statement.bind(folder.id.rawValue)
            statement.bind(Int64(uid))
            try statement.run()
        }
    }

    private func write(
        _ planned: FlagPlan.Row, _ set: UInt16, _ number: Int64, _ folder: FolderState, _ account: AccountState
    ) throws(StoreError) {
        try sql { connection throws(SQLError) in
            let isReadState = planned.operation == .readState
            let statement = try connection.statement(isReadState ? .updateItemReadState : .updateItemFlags)
            statement.bind(Int64(planned.system.rawValue))
            if !isReadState { statement.bind(Int64(set)) }
            statement.bind(number)
            statement.bind(account.id.rawValue)
            statement.bind(folder.id.rawValue)
            statement.bind(Int64(planned.row.uid))
            try statement.run()
        }
    }

    func copy(
        _ uids: UIDSet, from sourceID: FolderID, to destinationID: FolderID, isMove: Bool, of id: AccountID
    ) throws(StoreError) -> CopyResult {
        let now = options.now()
        let account = try account(id)
        let source = try account.folder(sourceID)
        let destination = try account.folder(destinationID)
        let old = try snapshot(source, of: account)
        let indexes = old.indexes(of: uids)
        guard !indexes.isEmpty else {
            return CopyResult(uidValidity: destination.values.uidValidity, source: [], destination: [])
        }
        let rows = indexes.compactMap { old.row(at: $0) }
        if !isMove { try account.checkQuota(rows.reduce(0) { $0 + Int64($1.size) }) }
        guard Int64(destination.values.uidNext) + Int64(rows.count) < Int64(UInt32.max) else {
            throw .limit("the folder has used up its UIDs")
        }
        change(account)
        change(destination, of: account)
        if isMove { change(source, of: account) }
        let number = try account.takeChange()
        if isMove { remove(rows, at: indexes, from: source, of: account, change: number) }
        var added: [MailboxRow] = []
        added.reserveCapacity(rows.count)
        for row in rows {
            let newID = try account.takeID()
            let uid = destination.values.uidNext
            destination.values.uidNext += 1
            let (content, email) = try contentAndEmail(row, in: sourceID, of: id)
            try sql { connection throws(SQLError) in
                let statement = try connection.statement(isMove ? .moveItem : .copyItem)
                statement.bind(destinationID.rawValue)
                statement.bind(Int64(uid))
                statement.bind(newID)
                statement.bind(number)
                statement.bind(number)
                statement.bind(now.rawValue)
                statement.bind(id.rawValue)
                statement.bind(sourceID.rawValue)
                statement.bind(Int64(row.uid))
                try statement.run()
            }
            if isMove {
                try log(.delete, row.item.rawValue, source, uid: row.uid, email: email, change: number, account, now)
                try log(.move, newID, destination, from: sourceID, uid: uid, email: email, change: number, account, now)
            } else {
                try addReferences(1, to: content)
                try log(.create, newID, destination, uid: uid, email: email, change: number, account, now)
            }
            count(Int64(row.size), flags: row.flags, in: destination, of: account, by: 1, change: number)
            added.append(
                MailboxRow(
                    uid: uid, item: ItemID(newID), flags: row.flags, keywordSet: row.keywordSet,
                    change: ChangeNumber(number),
                    size: row.size, received: row.received))
        }
        if let snapshot = destination.values.snapshot {
            destination.values.snapshot = snapshot.appending(
                added, numbers: destination.values, keywords: account.values.keywords.sets)
        }
        return CopyResult(
            uidValidity: destination.values.uidValidity, source: rows.map(\.uid), destination: added.map(\.uid))
    }

    private func contentAndEmail(
        _ row: MailboxRow, in folder: FolderID, of account: AccountID
    ) throws(StoreError) -> (content: Int64, email: Int64) {
        let found = try sql { connection throws(SQLError) in
            let statement = try connection.statement(.selectItemsToCopy)
            defer { statement.finish() }
            statement.bind(account.rawValue)
            statement.bind(folder.rawValue)
            statement.bind(Int64(row.uid))
            return try statement.step() ? (statement.integer(0), statement.integer(1)) : nil
        }
        guard let found else { throw .damaged("item \(row.item) of account \(account) has no row") }
        return found
    }

    /// Takes rows out of a folder's counters and snapshot.
    private func remove(
        _ rows: [MailboxRow], at indexes: [Int], from folder: FolderState, of account: AccountState, change: Int64
    ) {
        for row in rows { count(Int64(row.size), flags: row.flags, in: folder, of: account, by: -1, change: change) }
        folder.values.snapshot = folder.values.snapshot?.removing(
            indexes, numbers: folder.values, keywords: account.values.keywords.sets)
    }

    func expunge(
        _ uids: UIDSet, in folderID: FolderID, onlyDeleted: Bool, of id: AccountID
    ) throws(StoreError) -> UIDSet {
        let now = options.now()
        let account = try account(id)
        let folder = try account.folder(folderID)
        let old = try snapshot(folder, of: account)
        let indexes = old.indexes(of: uids).filter { index in
            !onlyDeleted || (old.row(at: index)?.flags.contains(.deleted) ?? false)
        }
        guard !indexes.isEmpty else { return UIDSet() }
        let rows = indexes.compactMap { old.row(at: $0) }
        change(account)
        change(folder, of: account)
        let number = try account.takeChange()
        remove(rows, at: indexes, from: folder, of: account, change: number)
        for row in rows {
            try log(.delete, row: row.uid, of: folder, change: number, account, now)
            try sql { connection throws(SQLError) in
                let statement = try connection.statement(.markItemDeleted)
                statement.bind(now.rawValue)
                statement.bind(number)
                statement.bind(id.rawValue)
                statement.bind(folderID.rawValue)
                statement.bind(Int64(row.uid))
                try statement.run()
            }
        }
        return UIDSet(uids: rows.map(\.uid))
    }

    func undelete(_ items: [ItemID], of id: AccountID) throws(StoreError) -> Int {
        let now = options.now()
        let account = try account(id)
        var found: [(folder: FolderID, row: MailboxRow, email: Int64)] = []
        for item in items {
            let row: (FolderID, MailboxRow, Int64)? = try sql { connection throws(SQLError) in
                let statement = try connection.statement(.selectDeletedItem)
                defer { statement.finish() }
                statement.bind(id.rawValue)
                statement.bind(item.rawValue)
                guard try statement.step() else { return nil }
                let row = MailboxRow(
                    uid: UInt32(truncatingIfNeeded: statement.integer(1)), item: item,
                    flags: SystemFlags(rawValue: UInt16(truncatingIfNeeded: statement.integer(2))),
                    keywordSet: UInt16(truncatingIfNeeded: statement.integer(3)), change: ChangeNumber(0),
                    size: UInt32(clamping: statement.integer(4)),
                    received: Timestamp(rawValue: statement.integer(5)).seconds)
                return (FolderID(statement.integer(0)), row, statement.integer(6))
            }
            if let row, !found.contains(where: { $0.row.item == item }) { found.append((row.0, row.1, row.2)) }
        }
        guard !found.isEmpty else { return 0 }
        try account.checkQuota(found.reduce(0) { $0 + Int64($1.row.size) })
        change(account)
        let number = try account.takeChange()
        for (home, row, email) in found {
            let folder = try account.folder(account.values.folders[home.rawValue] == nil ? SystemFolder.inbox : home)
            change(folder, of: account)
            guard folder.values.uidNext < .max else { throw .limit("the folder has used up its UIDs") }
            let newID = try account.takeID()
            let uid = folder.values.uidNext
            folder.values.uidNext += 1
            let flags = row.flags.subtracting(.deleted)
            try sql { connection throws(SQLError) in
                let statement = try connection.statement(.undeleteItem)
                statement.bind(folder.id.rawValue)
                statement.bind(Int64(uid))
                statement.bind(newID)
                statement.bind(number)
                statement.bind(number)
                statement.bind(now.rawValue)
                statement.bind(Int64(flags.rawValue))
                statement.bind(id.rawValue)
                statement.bind(home.rawValue)
                statement.bind(Int64(row.uid))
                try statement.run()
            }
            try log(.create, newID, folder, uid: uid, email: email, change: number, account, now)
            count(Int64(row.size), flags: flags, in: folder, of: account, by: 1, change: number)
            let added = MailboxRow(
                uid: uid, item: ItemID(newID), flags: flags, keywordSet: row.keywordSet, change: ChangeNumber(number),
                size: row.size, received: row.received)
            folder.values.snapshot = folder.values.snapshot?.appending(
                [added], numbers: folder.values, keywords: account.values.keywords.sets)
        }
        return found.count
    }
}
