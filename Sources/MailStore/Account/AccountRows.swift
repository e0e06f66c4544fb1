import MailModel

/// An account's rows as the writer reads and writes them.
extension AccountState {
    static func read(_ id: AccountID, from connection: any SQLConnection) throws(StoreError) -> AccountState? {
        guard let record = try AccountRecord.read(.selectAccount, connection, { $0.bind(id.rawValue) }).first else {
            return nil
        }
        let counters = try asStoreError { () throws(SQLError) in
            let statement = try connection.statement(.selectAccountState)
            defer { statement.finish() }
            statement.bind(id.rawValue)
            guard try statement.step() else { return [Int64]() }
            return (0..<6).map { statement.integer($0) }
        }
        guard counters.count == 6 else { return nil }
        let account = AccountState(
            id,
            AccountValues(
                record: record, nextID: counters[0], change: counters[1], logFloor: counters[2],
                nextValidity: UInt32(truncatingIfNeeded: counters[3]), bytes: counters[4], messages: counters[5],
                keywords: KeywordTable(), folders: [:], orphanSubscriptions: []))
        let sets = try asStoreError { () throws(SQLError) in
            let statement = try connection.statement(.selectKeywordSets)
            statement.bind(id.rawValue)
            return statement
        }.rows { KeywordTable.keywords($0.text(0)) }
        account.values.keywords = KeywordTable(stored: sets)
        let orphans = try asStoreError { () throws(SQLError) in
            let statement = try connection.statement(.selectOrphanSubscriptions)
            statement.bind(id.rawValue)
            return statement
        }.rows { $0.text(0) }
        account.values.orphanSubscriptions = Set(orphans)
        let folders = try asStoreError { () throws(SQLError) in
            let statement = try connection.statement(.selectFolders)
            statement.bind(id.rawValue)
            return statement
        }.rows { FolderState(row: $0) }
        for folder in folders { account.values.folders[folder.id.rawValue] = folder }
        return account
    }

    func writeCounters(_ connection: any SQLConnection) throws(SQLError) {
        let statement = try connection.statement(.updateAccountCounters)
        statement.bind(values.nextID)
        statement.bind(values.change)
        statement.bind(Int64(values.nextValidity))
        statement.bind(values.bytes)
        statement.bind(values.messages)
        statement.bind(id.rawValue)
        try statement.run()
    }
}

extension FolderState {
    convenience init(row: any SQLStatement) {
        self.init(
            FolderID(row.integer(0)),
            FolderValues(
                parent: row.optionalInteger(1).map { FolderID($0) }, name: row.text(2),
                kind: FolderKind(rawValue: Int(row.integer(3))) ?? .hidden,
                role: row.optionalText(4).flatMap(FolderRole.init(rawValue:)), isSubscribed: row.integer(5) != 0,
                uidValidity: UInt32(truncatingIfNeeded: row.integer(6)),
                uidNext: UInt32(truncatingIfNeeded: row.integer(7)),
                messages: row.integer(8), unseen: row.integer(9), deleted: row.integer(10), size: row.integer(11),
                highestChange: row.integer(12), propertiesChange: row.integer(13)))
    }

    func insert(_ account: AccountID, _ connection: any SQLConnection) throws(SQLError) {
        let statement = try connection.statement(.insertFolder)
        statement.bind(account.rawValue)
        statement.bind(id.rawValue)
        statement.bind(values.parent?.rawValue)
        statement.bind(values.name)
        statement.bind(values.kind.rawValue)
        statement.bind(values.role?.rawValue)
        statement.bind(values.isSubscribed)
        statement.bind(Int64(values.uidValidity))
        statement.bind(Int64(values.uidNext))
        statement.bind(values.messages)
        statement.bind(values.unseen)
        statement.bind(values.deleted)
        statement.bind(values.size)
        statement.bind(values.highestChange)
        statement.bind(values.propertiesChange)
        try statement.run()
    }

    func write(_ account: AccountID, _ connection: any SQLConnection) throws(SQLError) {
        let statement = try connection.statement(.updateFolder)
        statement.bind(values.parent?.rawValue)
        statement.bind(values.name)
        statement.bind(values.isSubscribed)
        statement.bind(Int64(values.uidValidity))
        statement.bind(Int64(values.uidNext))
        statement.bind(values.messages)
        statement.bind(values.unseen)
        statement.bind(values.deleted)
        statement.bind(values.size)
        statement.bind(values.highestChange)
        statement.bind(values.propertiesChange)
        statement.bind(account.rawValue)
        statement.bind(id.rawValue)
        try statement.run()
    }
}

extension AccountRecord {
    /// Records of one of the three statements that select them.
    static func read(
        _ statement: StoreStatement, _ connection: any SQLConnection, _ bind: (any SQLStatement) -> Void
    ) throws(StoreError) -> [AccountRecord] {
        try asStoreError { () throws(SQLError) in
            let prepared = try connection.statement(statement)
            bind(prepared)
            return prepared
        }.rows { row throws(StoreError) in try AccountRecord(row: row) }
    }

    init(row: any SQLStatement) throws(StoreError) {
        guard let address = EmailAddress(row.text(2)) else {
            throw .damaged("account \(row.integer(0)) has no address")
        }
        self.init(
            id: AccountID(row.integer(0)), tenant: TenantID(row.integer(1)), address: address, name: row.text(3),
            quota: row.optionalInteger(4), isEnabled: row.integer(5) != 0,
            protocols: ProtocolSet(rawValue: Int(row.integer(6))),
            networks: row.text(7).split(separator: " ").map(String.init), pop3: POP3Policy(stored: row.integer(8)),
            created: Timestamp(rawValue: row.integer(9)), epoch: row.integer(10))
    }
}

extension POP3Policy {
    /// -1 leaves mail, -2 deletes it after download, anything else is the age in days.
    var stored: Int64 {
        switch self {
        case .leaveOnServer: -1
        case .deleteAfterDownload: -2
        case .expireAfter(let days): Int64(max(days, 0))
        }
    }

    init(stored: Int64) {
        switch stored {
        case -2: self = .deleteAfterDownload
        case 0...: self = .expireAfter(days: Int(stored))
        default: self = .leaveOnServer
        }
    }
}
