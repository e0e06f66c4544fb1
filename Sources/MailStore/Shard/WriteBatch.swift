import ContentStore
import MailModel
import Synchronization

/// Counters that belong to the whole shard.
struct ShardCounters {
    var nextAccount: Int64 = 1
    var nextContent: Int64 = 1
    var nextQueue: Int64 = 1
    var nextTrace: Int64 = 1
    var nextCredential: Int64 = 1
    var nextAudit: Int64 = 1
}

/// The writer's hands: its connection, the accounts it has in memory, and what the current transaction has changed.
/// Belongs to the writer's thread.
///
/// Memory follows the database like this. A job that changes an account or folder calls `change` first, which keeps the
/// former values until the job succeeds; counters are written once at the end of the batch. If a job fails, its savepoint
/// and its kept values undo it. If the batch fails, whatever it touched is forgotten and read again when needed. Only a
/// commit publishes anything to readers.
final class WriteBatch {
    let connection: any SQLConnection
    let segments: SegmentWriter
    let options: StoreOptions
    let handles: AccountHandles
    let directorySubscribers: Subscribers<DirectoryChange>
    let trouble: DiskTrouble
    private(set) var accounts: [Int64: AccountState] = [:]
    /// Of the shard; changed through `counter`.
    private(set) var counters: ShardCounters
    private(set) var isBroken = false
    /// Counts batches.
    private(set) var number: UInt64 = 0

    // What the current job changed.
    private var job: UInt64 = 0
    private var savedAccounts: [(AccountState, AccountValues, wasDirty: Bool)] = []
    private var savedFolders: [(FolderState, FolderValues, wasDirty: Bool)] = []
    private var savedCounters: ShardCounters?
    private var jobSegments: [SegmentUse] = []
    private var jobNotices: [Notice] = []
    private var jobEvents: [DirectoryChange] = []
    private var jobContents: [(PreparedContent, Int64)] = []
    private var jobAfter: [() -> Void] = []

    // What the whole batch changed.
    private var dirtyAccounts: [AccountState] = []
    private var dirtyFolders: [(AccountState, FolderState)] = []
    private var touchedAccounts: Set<Int64> = []
    private var countersAreDirty = false
    private var batchSegments: [Int64: SegmentUse] = [:]
    private var notices: Set<Notice> = []
    /// Folders whose messages came into memory without having changed.
    private var warmed: Set<Notice> = []
    private var events: [DirectoryChange] = []
    private var contents: [ObjectIdentifier: (PreparedContent, Int64)] = [:]
    private var after: [() -> Void] = []

    struct SegmentUse {
        let segment: Int64
        var records: Int64
        var bytes: Int64
        /// What lies before has been committed: it can be damaged, while anything may lie behind.
        var length: Int64
    }

    struct Notice: Hashable {
        let account: AccountID
        let folder: FolderID
    }

    /// Accounts kept in memory though nobody holds them.
    private static let maximumAccounts = 4096

    init(
        connection: any SQLConnection, segments: SegmentWriter, options: StoreOptions, counters: ShardCounters,
        handles: AccountHandles, directorySubscribers: Subscribers<DirectoryChange>
    ) {
        self.connection = connection
        self.segments = segments
        self.options = options
        self.counters = counters
        self.handles = handles
        self.directorySubscribers = directorySubscribers
        trouble = DiskTrouble("every change", directory: segments.directory, now: options.now)
    }

    func close() {
        asIgnored { () throws(SQLError) in try connection.checkpoint() }
        connection.close()
    }

    // MARK: Transactions

    /// One transaction around `jobs`.
    func transaction(_ jobs: () throws(StoreError) -> Void) throws(StoreError) {
        number += 1
        isBroken = false
        // Once the jobs are done, what they changed in memory is no longer undone but forgotten.
        var isUndone = true
        // False if nobody knows whether the commit has happened.
        var isRolledBack = true
        var isCommitting = false
        do throws(StoreError) {
            try connection.access { () throws(StoreError) in
                do throws(StoreError) {
                    try asStoreError { () throws(SQLError) in try connection.execute("BEGIN IMMEDIATE") }
                    try jobs()
                    isUndone = false
                    try writeRows()
                    do throws(ContentError) { try segments.flush() } catch { throw error.storeError }
                    isCommitting = true
                    try asStoreError { () throws(SQLError) in try connection.execute("COMMIT") }
                } catch {
                    do throws(SQLError) { try connection.execute("ROLLBACK") } catch { isRolledBack = false }
                    if isCommitting {
                        isRolledBack = false
                        undoCommit()
                    }
                    throw error
                }
            }
        } catch {
            segments.rollBack(keepsObjects: !isRolledBack)
            forgetBatch(keepsMemory: isUndone && isRolledBack && !isBroken)
            throw error
        }
        segments.committed()
        publish()
        for account in dirtyAccounts { account.isDirty = false }
        for (_, folder) in dirtyFolders { folder.isDirty = false }
        countersAreDirty = false
        forgetBatch(keepsMemory: true)
    }

    /// One job in a savepoint; undone if it throws.
    func job(isOnly: Bool, _ body: () throws(StoreError) -> Void) throws(StoreError) {
        let mark = segments.mark
        self.job += 1
        do throws(StoreError) {
            if !isOnly { try asStoreError { () throws(SQLError) in try connection.execute("SAVEPOINT job") } }
            try body()
            if !isOnly { try asStoreError { () throws(SQLError) in try connection.execute("RELEASE job") } }
        } catch {
            if !isOnly {
                do throws(SQLError) {
                    try connection.execute("ROLLBACK TO job")
                    try connection.execute("RELEASE job")
                } catch {
                    isBroken = true
                }
            }
            segments.takeBack(to: mark)
            undoJob()
            throw error
        }
        keepJob()
    }

    /// After a COMMIT that failed. A complete transaction may stand in the log, of which only the sync has failed: the
    /// running engine has forgotten it, the next process to open the file would take it as committed, though its clients
    /// have been told that it did not happen. A transaction of our own in its place makes sure that it has not. Should that
    /// fail as well, the next one that succeeds takes the place.
    private func undoCommit() {
        // A row that stays as it is would not be written.
        counters.nextTrace += 1
        asIgnored { () throws(SQLError) in
            try connection.execute("BEGIN IMMEDIATE")
            do throws(SQLError) {
                try writeCounters(connection)
                try connection.execute("COMMIT")
            } catch {
                try connection.execute("ROLLBACK")
            }
        }
    }

    private func undoJob() {
        for (account, values, wasDirty) in savedAccounts.reversed() {
            account.values = values
            account.isDirty = wasDirty
        }
        for (folder, values, wasDirty) in savedFolders.reversed() {
            folder.values = values
            folder.isDirty = wasDirty
        }
        if let savedCounters { counters = savedCounters }
        clearJob()
    }

    private func keepJob() {
        if savedCounters != nil { countersAreDirty = true }
        for use in jobSegments {
            var sum = batchSegments[use.segment] ?? SegmentUse(segment: use.segment, records: 0, bytes: 0, length: 0)
            sum.records += use.records
            sum.bytes += use.bytes
            sum.length = max(sum.length, use.length)
            batchSegments[use.segment] = sum
        }
        notices.formUnion(jobNotices)
        events += jobEvents
        for (content, id) in jobContents { contents[ObjectIdentifier(content)] = (content, id) }
        after += jobAfter
        clearJob()
    }

    private func clearJob() {
        savedAccounts.removeAll(keepingCapacity: true)
        savedFolders.removeAll(keepingCapacity: true)
        savedCounters = nil
        jobSegments.removeAll(keepingCapacity: true)
        jobNotices.removeAll(keepingCapacity: true)
        jobEvents.removeAll()
        jobContents.removeAll(keepingCapacity: true)
        jobAfter.removeAll()
    }

    private func forgetBatch(keepsMemory: Bool) {
        // Numbers of the shard that were given out are not given again: a commit whose outcome is unknown may have used them.
        if !keepsMemory { for id in touchedAccounts { accounts[id] = nil } }
        // Or who only reads would have to write, on a disk that may take nothing.
        countersAreDirty = false
        dirtyAccounts.removeAll(keepingCapacity: true)
        dirtyFolders.removeAll(keepingCapacity: true)
        touchedAccounts.removeAll(keepingCapacity: true)
        batchSegments.removeAll(keepingCapacity: true)
        notices.removeAll(keepingCapacity: true)
        warmed.removeAll()
        events.removeAll()
        contents.removeAll(keepingCapacity: true)
        after.removeAll()
        clearJob()
    }

    // MARK: What jobs change

    /// Statements of a job; the database's errors become the store's.
    func sql<Result>(_ body: (any SQLConnection) throws(SQLError) -> Result) throws(StoreError) -> Result {
        do throws(SQLError) { return try body(connection) } catch { throw error.storeError }
    }

    /// The account, from memory or read.
    func account(_ id: AccountID) throws(StoreError) -> AccountState {
        if let known = accounts[id.rawValue] {
            known.lastUse = number
            return known
        }
        guard let account = try AccountState.read(id, from: connection) else { throw .notFound("account \(id)") }
        accounts[id.rawValue] = account
        account.lastUse = number
        return account
    }

    /// Call before an account's values change.
    func change(_ account: AccountState) {
        touchedAccounts.insert(account.id.rawValue)
        if account.savedIn != job {
            account.savedIn = job
            savedAccounts.append((account, account.values, account.isDirty))
        }
        if !account.isDirty {
            account.isDirty = true
            dirtyAccounts.append(account)
        }
    }

    /// Call before a folder's values change.
    func change(_ folder: FolderState, of account: AccountState) {
        touchedAccounts.insert(account.id.rawValue)
        if folder.savedIn != job {
            folder.savedIn = job
            savedFolders.append((folder, folder.values, folder.isDirty))
            jobNotices.append(Notice(account: account.id, folder: folder.id))
        }
        if !folder.isDirty {
            folder.isDirty = true
            dirtyFolders.append((account, folder))
        }
    }

    /// The folder has gone: only subscribers need to know.
    func notice(_ folder: FolderID, of account: AccountState) {
        touchedAccounts.insert(account.id.rawValue)
        jobNotices.append(Notice(account: account.id, folder: folder))
    }

    /// The folder's messages; read if need be.
    func snapshot(_ folder: FolderState, of account: AccountState) throws(StoreError) -> MailboxSnapshot {
        if let snapshot = folder.values.snapshot { return snapshot }
        let rows = try FolderRows.read(account.id, folder.id, connection)
        return install(rows, in: folder, of: account)
    }

    /// Keeps messages that were read and are known to be the newest.
    func install(_ rows: [MailboxRow], in folder: FolderState, of account: AccountState) -> MailboxSnapshot {
        let snapshot = MailboxSnapshot.empty(folder.id, folder.values)
            .appending(rows, numbers: folder.values, keywords: account.values.keywords.sets)
        folder.values.snapshot = snapshot
        touchedAccounts.insert(account.id.rawValue)
        warmed.insert(Notice(account: account.id, folder: folder.id))
        return snapshot
    }

    /// A handle has been made: it gets what is committed.
    func fill(_ account: AccountState) { touchedAccounts.insert(account.id.rawValue) }

    /// Takes the next value of a counter of the shard.
    func next(_ counter: WritableKeyPath<ShardCounters, Int64>) -> Int64 {
        if savedCounters == nil { savedCounters = counters }
        defer { counters[keyPath: counter] += 1 }
        return counters[keyPath: counter]
    }

    /// Makes a counter of the shard larger than numbers that are in use.
    func raise(_ counter: WritableKeyPath<ShardCounters, Int64>, above used: Int64) {
        if savedCounters == nil { savedCounters = counters }
        counters[keyPath: counter] = max(counters[keyPath: counter], used + 1)
    }

    func adopt(_ account: AccountState) {
        accounts[account.id.rawValue] = account
        touchedAccounts.insert(account.id.rawValue)
    }

    func drop(_ id: AccountID) {
        accounts[id.rawValue] = nil
        touchedAccounts.insert(id.rawValue)
        jobAfter.append { [handles] in handles.existing(id)?.published.end() }
    }

    func tell(_ event: DirectoryChange) { jobEvents.append(event) }

    /// Runs when the commit has succeeded.
    func afterCommit(_ body: @escaping () -> Void) { jobAfter.append(body) }

    /// `end`: where a new record ends.
    func count(segment: Int64, records: Int64, bytes: Int64, end: Int64 = 0) {
        guard segment > 0 else { return }
        jobSegments.append(SegmentUse(segment: segment, records: records, bytes: bytes, length: end))
    }

    /// The id under which this transaction has already planned the content.
    func plannedContent(_ content: PreparedContent) -> Int64? {
        jobContents.first { $0.0 === content }?.1 ?? contents[ObjectIdentifier(content)]?.1
    }

    func plan(_ content: PreparedContent, as id: Int64) { jobContents.append((content, id)) }

    // MARK: The end of a batch

    private func writeRows() throws(StoreError) {
        // A job that failed may have marked rows that are as they were: those are clean again.
        try sql { connection throws(SQLError) in
            for account in dirtyAccounts where account.isDirty { try account.writeCounters(connection) }
            for (account, folder) in dirtyFolders
            where folder.isDirty && account.values.folders[folder.id.rawValue] === folder {
                try folder.write(account.id, connection)
            }
            for use in batchSegments.values {
                let statement = try connection.statement(.countSegment)
                statement.bind(use.segment)
                statement.bind(use.records)
                statement.bind(use.bytes)
                statement.bind(use.length)
                try statement.run()
            }
            if countersAreDirty { try writeCounters(connection) }
        }
    }

    private func writeCounters(_ connection: any SQLConnection) throws(SQLError) {
        let statement = try connection.statement(.updateShard)
        statement.bind(counters.nextAccount)
        statement.bind(counters.nextContent)
        statement.bind(counters.nextQueue)
        statement.bind(counters.nextTrace)
        statement.bind(counters.nextCredential)
        statement.bind(counters.nextAudit)
        try statement.run()
    }

    private func publish() {
        for (content, id) in contents.values { content.storedID.withLock { $0 = id } }
        var changed: [AccountID: [FolderID]] = [:]
        for notice in notices { changed[notice.account, default: []].append(notice.folder) }
        for notice in warmed.subtracting(notices) { changed[notice.account, default: []].append(notice.folder) }
        for id in touchedAccounts {
            guard let account = accounts[id], let handle = handles.existing(account.id) else { continue }
            handle.published.update(account, changed: changed[account.id] ?? [])
        }
        for notice in notices { handles.existing(notice.account)?.subscribers.notify(notice.folder) }
        for event in events { directorySubscribers.notify(event) }
        for action in after { action() }
        if accounts.count > Self.maximumAccounts { forgetAccounts() }
        if number % 256 == 0 { trimCache() }
    }

    private func forgetAccounts() {
        let idle = accounts.values.filter { handles.existing($0.id) == nil }.sorted { $0.lastUse < $1.lastUse }
        for account in idle.prefix(accounts.count - Self.maximumAccounts / 2) { accounts[account.id.rawValue] = nil }
    }

    /// Forgets messages of folders that nobody has used since the last time, down to the budget.
    func trimCache() {
        var used = 0
        var candidates: [(AccountState, FolderState, DatabaseAccount?)] = []
        for account in accounts.values {
            let handle = handles.existing(account.id)
            for folder in account.values.folders.values {
                guard let snapshot = folder.values.snapshot else { continue }
                used += snapshot.count * MailboxChunk.bytesPerRow
                let isIdle = handle?.published.wasIdle(folder.id) ?? true
                if isIdle, !(handle?.subscribers.hasSubscribers(folder.id) ?? false) {
                    candidates.append((account, folder, handle))
                }
            }
        }
        for (_, folder, handle) in candidates where used > options.cacheBudget {
            used -= (folder.values.snapshot?.count ?? 0) * MailboxChunk.bytesPerRow
            folder.values.snapshot = nil
            handle?.published.forget(folder.id)
        }
    }
}

extension MailboxChunk {
    /// Memory of one row.
    static let bytesPerRow = 36
}

extension ContentError {
    package var storeError: StoreError {
        switch self {
        case .io: isFull ? .diskFull(description) : .unavailable(description)
        case .damaged, .newerFormat: .damaged(description)
        }
    }
}

/// For statements whose failure changes nothing.
func asIgnored(_ body: () throws(SQLError) -> Void) {
    do throws(SQLError) { try body() } catch { return }
}
