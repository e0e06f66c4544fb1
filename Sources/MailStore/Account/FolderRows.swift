import MailModel

/// A folder's messages as rows, in UID order.
enum FolderRows {
    static func read(_ account: AccountID, _ folder: FolderID, _ connection: any SQLConnection) throws(StoreError)
        -> [MailboxRow]
    {
        try asStoreError { () throws(SQLError) in
            let statement = try connection.statement(.selectFolderRows)
            defer { statement.finish() }
            statement.bind(account.rawValue)
            statement.bind(folder.rawValue)
            var rows: [MailboxRow] = []
            while try statement.step() {
                rows.append(
                    MailboxRow(
                        uid: UInt32(truncatingIfNeeded: statement.integer(0)), item: ItemID(statement.integer(1)),
                        flags: SystemFlags(rawValue: UInt16(truncatingIfNeeded: statement.integer(2))),
                        keywordSet: UInt16(truncatingIfNeeded: statement.integer(3)),
                        change: ChangeNumber(max(statement.integer(4), statement.integer(5))),
                        size: UInt32(clamping: statement.integer(6)),
                        received: Timestamp(rawValue: statement.integer(7)).seconds))
            }
            return rows
        }
    }
}

extension FolderRows {
    static func highestChange(
        _ account: AccountID, _ folder: FolderID, _ connection: any SQLConnection
    ) throws(StoreError) -> Int64 {
        try asStoreError { () throws(SQLError) in
            let statement = try connection.statement(.selectFolderChange)
            defer { statement.finish() }
            statement.bind(account.rawValue)
            statement.bind(folder.rawValue)
            return try statement.step() ? statement.integer(0) : -1
        }
    }
}
