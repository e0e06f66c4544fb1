import ContentStore
import MailModel
import NIOCore

/// One account of a database shard: reads from what is published or from a reader, changes through the writer.
final class DatabaseAccount: AccountStore {
    let id: AccountID
    let published = PublishedAccount()
    let subscribers = FolderSubscribers()
    private let locks = FolderLocks()
    private let writer: StoreWriter
    private let readers: Readers
    private let content: ContentFolder

    /// Folders with fewer messages are read by the writer itself: that is one step less.
    private static let smallFolder = 2000

    init(id: AccountID, writer: StoreWriter, readers: Readers, content: ContentFolder) {
        self.id = id
        self.writer = writer
        self.readers = readers
        self.content = content
    }

    // MARK: Folders

    func folders() async throws(StoreError) -> [Folder] { try published.folders(id) }

    func folder(_ folder: FolderID) async throws(StoreError) -> Folder { try published.folder(folder, id) }

    func createFolder(
        named name: String, in parent: FolderID, kind: FolderKind, role: FolderRole?
    ) async throws(StoreError) -> Folder {
        try await writer.perform { [id] batch throws(StoreError) in
            try batch.createFolder(named: name, in: parent, kind: kind, role: role, of: id)
        }
    }

    func renameFolder(_ folder: FolderID, to name: String, in parent: FolderID) async throws(StoreError) {
        try await writer.perform { [id] batch throws(StoreError) in
            try batch.renameFolder(folder, to: name, in: parent, of: id)
        }
    }

    func deleteFolder(_ folder: FolderID) async throws(StoreError) {
        try await writer.perform { [id] batch throws(StoreError) in try batch.deleteFolder(folder, of: id) }
    }

    func setSubscribed(_ subscribed: Bool, folder: FolderID) async throws(StoreError) {
        try await writer.perform { [id] batch throws(StoreError) in try batch.setSubscribed(subscribed, folder, of: id)
        }
    }

    func orphanSubscriptions() async throws(StoreError) -> [String] { try published.orphans(id) }

    func setOrphanSubscription(_ path: String, subscribed: Bool) async throws(StoreError) {
        try await writer.perform { [id] batch throws(StoreError) in
            try batch.setOrphanSubscription(path, subscribed, of: id)
        }
    }

    // MARK: Messages

    func mailbox(_ folder: FolderID) async throws(StoreError) -> MailboxSnapshot {
        if let snapshot = try published.snapshot(folder, id) { return snapshot }
        // A large folder is read beside the writer and taken over if nothing has changed meanwhile.
        for _ in 0..<3 where try published.folder(folder, id).messages > Self.smallFolder {
            let (rows, change) = try await readers.read(isOneMoment: true) { [id] connection throws(StoreError) in
                (try FolderRows.read(id, folder, connection), try FolderRows.highestChange(id, folder, connection))
            }
            let snapshot: MailboxSnapshot? = try await writer.perform { [id] batch throws(StoreError) in
                let account = try batch.account(id)
                let state = try account.folder(folder)
                if let snapshot = state.values.snapshot { return snapshot }
                guard state.values.highestChange == change else { return nil }
                return batch.install(rows, in: state, of: account)
            }
            if let snapshot { return snapshot }
        }
        return try await writer.perform { [id] batch throws(StoreError) in
            let account = try batch.account(id)
            return try batch.snapshot(account.folder(folder), of: account)
        }
    }

    func append(_ messages: [NewMessage], to folder: FolderID) async throws(StoreError) -> AppendResult {
        let weight = messages.reduce(0) { $0 + (($1.message.content as? FileContent)?.prepared.weight ?? 0) }
        return try await writer.perform(weight: weight) { [id] batch throws(StoreError) in
            try batch.append(messages, to: folder, of: id)
        }
    }

    func changeFlags(
        _ change: FlagChange, of uids: UIDSet, in folder: FolderID, unchangedSince: ChangeNumber?
    ) async throws(StoreError) -> FlagChangeResult {
        try await writer.perform { [id] batch throws(StoreError) in
            try batch.changeFlags(change, of: uids, in: folder, unchangedSince: unchangedSince, of: id)
        }
    }

    func copy(_ uids: UIDSet, from source: FolderID, to destination: FolderID) async throws(StoreError) -> CopyResult {
        try await writer.perform { [id] batch throws(StoreError) in
            try batch.copy(uids, from: source, to: destination, isMove: false, of: id)
        }
    }

    func move(_ uids: UIDSet, from source: FolderID, to destination: FolderID) async throws(StoreError) -> CopyResult {
        try await writer.perform { [id] batch throws(StoreError) in
            try batch.copy(uids, from: source, to: destination, isMove: true, of: id)
        }
    }

    func expunge(_ uids: UIDSet, in folder: FolderID, onlyDeleted: Bool) async throws(StoreError) -> UIDSet {
        try await writer.perform { [id] batch throws(StoreError) in
            try batch.expunge(uids, in: folder, onlyDeleted: onlyDeleted, of: id)
        }
    }

    func recoverable(limit: Int) async throws(StoreError) -> [RecoverableItem] {
        try await readers.read { [id] connection throws(StoreError) in
            try asStoreError { () throws(SQLError) in
                let statement = try connection.statement(.selectRecoverable)
                statement.bind(id.rawValue)
                statement.bind(max(limit, 0))
                return statement
            }.rows { row in
                RecoverableItem(
                    item: ItemID(row.integer(0)), folder: FolderID(row.integer(1)), size: row.integer(2),
                    deleted: Timestamp(rawValue: row.integer(3)))
            }
        }
    }

    func undelete(_ items: [ItemID]) async throws(StoreError) -> Int {
        try await writer.perform { [id] batch throws(StoreError) in try batch.undelete(items, of: id) }
    }

    // MARK: Content

    func content(of item: ItemID) async throws(StoreError) -> any ContentReader {
        let content = content
        let readers = readers
        return try await readers.read { [id] (connection, compressor) throws(StoreError) in
            let location = try asStoreError { () throws(SQLError) -> ContentLocation? in
                let statement = try connection.statement(.selectItemContent)
                defer { statement.finish() }
                statement.bind(id.rawValue)
                statement.bind(item.rawValue)
                guard try statement.step() else { return nil }
                // The message is there, what it says is lost: not the same as a message that is gone.
                guard !statement.isNull(0) else {
                    throw SQLError(.corrupt, "item \(item) of account \(id) has lost its content")
                }
                return ContentLocation(
                    contentID: statement.integer(0), segment: statement.integer(1), offset: statement.integer(2),
                    length: statement.integer(3))
            }
            guard let location else { throw .notFound("item \(item)") }
            do throws(ContentError) {
                let access = try ContentAccess(location, in: content)
                guard access.isSmall else { return StoredContent(access, readers) }
                return StoredContent(try access.read(at: 0, length: access.header.rawLength, with: compressor))
            } catch {
                throw error.storeError
            }
        }
    }

    /// Summaries gathered in one answer.
    private static let summaryBytes = 1 << 20

    func summaries(of items: [ItemID]) async throws(StoreError) -> [[UInt8]?] {
        try await readers.read { [id] connection throws(StoreError) in
            try asStoreError { () throws(SQLError) in
                let statement = try connection.statement(.selectSummary)
                defer { statement.finish() }
                var summaries: [[UInt8]?] = []
                summaries.reserveCapacity(items.count)
                var size = 0
                for item in items where size < Self.summaryBytes {
                    statement.finish()
                    statement.bind(id.rawValue)
                    statement.bind(item.rawValue)
                    summaries.append(try statement.step() ? ContentSeal.none.open(statement.bytes(0)) : nil)
                    size += summaries.last??.count ?? 0
                }
                return summaries
            }
        }
    }

    func identities(of items: [ItemID]) async throws(StoreError) -> [ItemIdentity?] {
        try await readers.read { [id] connection throws(StoreError) in
            try asStoreError { () throws(SQLError) in
                let statement = try connection.statement(.selectIdentity)
                defer { statement.finish() }
                var identities: [ItemIdentity?] = []
                identities.reserveCapacity(items.count)
                for item in items {
                    statement.finish()
                    statement.bind(id.rawValue)
                    statement.bind(item.rawValue)
                    guard try statement.step() else {
                        identities.append(nil)
                        continue
                    }
                    identities.append(
                        ItemIdentity(
                            email: EmailID(statement.integer(0)), thread: ThreadID(statement.integer(1)),
                            saved: Timestamp(rawValue: statement.integer(2)),
                            uidl: statement.optionalText(3) ?? String(item.rawValue)))
                }
                return identities
            }
        }
    }

    // MARK: Changes

    func changes(since: ChangeNumber, limit: Int) async throws(StoreError) -> [Change]? {
        try await readers.read(isOneMoment: true) { [id] connection throws(StoreError) in
            let floor = try asStoreError { () throws(SQLError) -> Int64? in
                let statement = try connection.statement(.selectLogFloor)
                defer { statement.finish() }
                statement.bind(id.rawValue)
                return try statement.step() ? statement.integer(0) : nil
            }
            guard let floor else { throw .notFound("account \(id)") }
            guard since.rawValue >= floor else { return nil }
            let limit = min(max(limit, 1), 1_000_000)
            let found = try asStoreError { () throws(SQLError) in
                let statement = try connection.statement(.selectChanges)
                statement.bind(id.rawValue)
                statement.bind(since.rawValue)
                statement.bind(limit + 1)
                return statement
            }.rows { Change(row: $0) }
            guard found.count > limit, let first = found.first, found.allSatisfy({ $0.number == first.number }) else {
                return Change.page(found, limit: limit)
            }
            // One number has more entries than were asked for: they stay together.
            return try asStoreError { () throws(SQLError) in
                let statement = try connection.statement(.selectChangesOfNumber)
                statement.bind(id.rawValue)
                statement.bind(first.number.rawValue)
                return statement
            }.rows { Change(row: $0) }
        }
    }

    func subscribe(to folder: FolderID?, _ handler: @escaping @Sendable () -> Void) -> StoreSubscription {
        subscribers.add(folder, handler)
    }

    // MARK: Limits and locks

    func quota() async throws(StoreError) -> QuotaUsage { try published.usage(id) }

    func lock(_ folder: FolderID) -> FolderLock? { locks.lock(folder) }
}

extension Change {
    fileprivate init(row: any SQLStatement) {
        self.init(
            number: ChangeNumber(row.integer(0)), object: Object(rawValue: Int(row.integer(1))) ?? .item,
            operation: Operation(rawValue: Int(row.integer(2))) ?? .update, id: row.integer(3),
            folder: row.optionalInteger(4).map { FolderID($0) }, oldFolder: row.optionalInteger(5).map { FolderID($0) },
            uid: row.optionalInteger(6).map { UInt32(truncatingIfNeeded: $0) },
            email: row.optionalInteger(7).map { EmailID($0) })
    }
}
