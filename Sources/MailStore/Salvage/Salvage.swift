package import ContentStore
import MailModel
import MessageFormat

/// Builds a new index from the content files: accounts, folders and messages as they were delivered, under a new epoch.
///
/// Segments do not know what happened later: flags are those of delivery, a message that was moved is in its first folder, one
/// that was deleted may return. Where the old index can still be read, it gives what segments do not have: domains, passwords,
/// aliases, settings, names of folders, and of messages the flags and folders they had.
///
/// Works on an empty index that nobody else has open. Records are taken in the order of writing, and a later one wins: an id that
/// was given twice belonged to a commit that did not happen the first time. Blocks: for a thread of its own.
package struct Salvage {
    let batch: WriteBatch
    let content: ContentFolder
    let options: StoreOptions
    let old: OldIndex?
    let compressor = Compressor()
    var report = SalvageReport()
    /// Highest ids given out, by account: what comes behind cannot be in conflict.
    var highestItem: [Int64: Int64] = [:]
    var highestContent: Int64 = 0
    var highestAccount: Int64 = 0
    /// Segments in which something could not be read.
    package private(set) var damagedSegments: [Int64] = []
    /// Accounts with folders whose place is not known yet.
    var unhung: Set<Int64> = []
    /// The queue of the old index was read to its end: what it does not have is sent.
    var knowsQueue = false
    /// Queue rows of the old index, by content and recipient.
    var oldQueue: [Int64: [OldQueued]] = [:]

    struct OldQueued {
        let delivery: String
        let messageID: String?
        let sender: String
        let recipient: String
        let expires: Int64
        let received: Int64
    }

    /// Ids left free, as many may have been given out that no record bears.
    static let margin: Int64 = 1 << 24
    /// Records in one transaction.
    static let step = 200

    /// - Parameters:
    ///   - connection: to an index with empty tables.
    ///   - old: the damaged index, if it can be opened at all.
    package init(
        into connection: any SQLConnection, from old: OldIndex?, content: ContentFolder, options: StoreOptions
    ) {
        self.content = content
        self.options = options
        self.old = old
        batch = WriteBatch(
            connection: connection,
            segments: SegmentWriter(folder: content, next: .max, limit: .max, now: { 0 }), options: options,
            counters: ShardCounters(), handles: AccountHandles(), directorySubscribers: Subscribers())
    }

    /// - Parameters:
    ///   - known: what the file `epoch` says.
    ///   - progress: gets bytes of content files.
    package mutating func run(
        epoch known: AccountEpoch, progress: (_ done: Int64, _ total: Int64) -> Void
    ) throws(StoreError) -> SalvageReport {
        let total = totalBytes()
        var done: Int64 = 0
        try takeDirectory()
        takeQueue()
        for segment in content.segments() {
            let base = done
            try takeSegment(segment) { offset in progress(base + offset, total) }
            done = base + (content.segmentLength(segment) ?? 0)
        }
        for id in content.objects().sorted() {
            try takeObject(id)
            done += content.objectLength(id) ?? 0
            progress(done, total)
        }
        try takeItems()
        try hangFolders()
        try finish(known)
        progress(total, total)
        return report
    }

    private func totalBytes() -> Int64 {
        content.segments().reduce(0) { $0 + (content.segmentLength($1) ?? 0) }
            + content.objects().reduce(0) { $0 + (content.objectLength($1) ?? 0) }
    }

    // MARK: Content files

    private mutating func takeSegment(_ number: Int64, _ progress: (Int64) -> Void) throws(StoreError) {
        let (content, compressor) = (content, compressor)
        let scan = try reading { () throws(ContentError) in try SegmentScan(number, in: content) }
        let name = content.segmentName(number)
        let damageBefore = report.damageCount
        if let damage = scan.headerDamage { report.damaged("\(damage); the messages in it are read all the same") }
        var pending: [SegmentScan.Record] = []
        while let found = try reading({ () throws(ContentError) in try scan.next(with: compressor) }) {
            switch found {
            case .record(let record) where record.damage == nil:
                pending.append(record)
                guard pending.count == Self.step else { continue }
                try take(pending)
                pending = []
                progress(record.location.offset)
            case .record(let record):
                report.damaged("\(name): \(Self.words(record.placements)) cannot be read: \(record.damage ?? "")")
            case .gap(let range):
                report.damaged("\(name): the bytes from \(range.lowerBound) to \(range.upperBound) are no record")
            }
        }
        try take(pending)
        if report.damageCount > damageBefore { damagedSegments.append(number) }
    }

    private static func words(_ placements: [Placement]) -> String {
        let places = placements.map(Verification.describe).joined(separator: "; ")
        return places.isEmpty ? "a message" : "a message (\(places))"
    }

    private mutating func takeObject(_ id: Int64) throws(StoreError) {
        let (content, compressor) = (content, compressor)
        var placements: [Placement] = []
        let found: Result<SegmentScan.Record, ContentError> = try reading { () throws(ContentError) in
            do throws(ContentError) {
                let access = try ContentAccess(object: id, in: content)
                placements = try access.placements()
                _ = try access.verify(with: compressor)
                let location = ContentLocation(
                    contentID: id, segment: 0, offset: 0, length: Int64(access.header.recordLength))
                return .success(
                    SegmentScan.Record(
                        location: location, header: access.header, placements: placements, damage: nil))
            } catch {
                guard case .damaged = error else { throw error }
                return .failure(error)
            }
        }
        switch found {
        case .success(let record): try take([record])
        case .failure(let error):
            report.damaged("\(content.objectName(id)): \(Self.words(placements)) cannot be read: \(error)")
        }
    }

    private mutating func take(_ records: [SegmentScan.Record]) throws(StoreError) {
        guard !records.isEmpty else { return }
        let (batch, content, compressor) = (batch, content, compressor)
        try batch.transaction { () throws(StoreError) in
            try batch.job(isOnly: true) { () throws(StoreError) in
                for record in records {
                    let (summary, returnPath) = try reading { () throws(ContentError) in
                        let access = try ContentAccess(record.location, in: content)
                        return (
                            try StoredSummary.make(from: access, with: compressor),
                            Self.returnPath(try access.read(at: 0, length: 1000, with: compressor))
                        )
                    }
                    try place(record, summary, returnPath: returnPath)
                }
            }
        }
    }

    /// Bytes of a Return-Path line at the beginning.
    static func returnPath(_ bytes: [UInt8]) -> Int64 {
        guard bytes.starts(with: Array("Return-Path:".utf8)), let end = bytes.firstIndex(of: 0x0A) else { return 0 }
        return Int64(end + 1)
    }

    // MARK: The end

    private mutating func finish(_ known: AccountEpoch) throws(StoreError) {
        let oldCounters = old?.counters
        let batch = batch
        try batch.inTransaction { () throws(StoreError) in
            for (id, highest) in highestItem {
                guard let account = try existing(AccountID(id)) else { continue }
                batch.change(account)
                account.values.nextID = max(account.values.nextID, highest + 1) + Self.margin
                account.values.messages = 0
                account.values.bytes = 0
                let facts = try AccountFacts(of: account.id, batch.connection)
                account.values.messages = facts.messages
                account.values.bytes = facts.bytes
                for folder in account.values.folders.values {
                    batch.change(folder, of: account)
                    let found = facts.folders[folder.id.rawValue]
                    folder.values.messages = found?.messages ?? 0
                    folder.values.unseen = found?.unseen ?? 0
                    folder.values.deleted = found?.deleted ?? 0
                    folder.values.size = found?.size ?? 0
                    folder.values.uidNext = max(
                        folder.values.uidNext, UInt32(clamping: (found?.maximumUID ?? 0) + 1))
                    folder.values.highestChange = account.values.change
                    folder.values.propertiesChange = min(folder.values.propertiesChange, account.values.change)
                }
                report.accounts[id]?.messages = Int(facts.messages)
                report.accounts[id]?.bytes = facts.bytes
                report.messages += Int(facts.messages)
                report.bytes += facts.bytes
            }
            batch.raise(\.nextContent, above: max(highestContent, (oldCounters?.nextContent ?? 1) - 1))
            batch.raise(\.nextAccount, above: max(highestAccount, (oldCounters?.nextAccount ?? 1) - 1))
            batch.raise(\.nextQueue, above: (oldCounters?.nextQueue ?? 1) - 1)
            batch.raise(\.nextTrace, above: (oldCounters?.nextTrace ?? 1) - 1)
            batch.raise(\.nextCredential, above: (oldCounters?.nextCredential ?? 1) - 1)
            batch.raise(\.nextAudit, above: (oldCounters?.nextAudit ?? 1) - 1)
            try batch.run(.deleteUnusedContent) { _ in }
            try batch.run(.countAllSegments) { _ in }
        }
        let connection = batch.connection
        let beyond = known.merged(with: old?.epoch ?? AccountEpoch())
        report.epoch = try connection.access { () throws(StoreError) in
            try asStoreError { () throws(SQLError) in try connection.execute("BEGIN IMMEDIATE") }
            let epoch = try AccountEpoch.raise(on: connection, beyond: beyond, now: options.now())
            try asStoreError { () throws(SQLError) in try connection.execute("COMMIT") }
            return epoch
        }
    }

    func existing(_ id: AccountID) throws(StoreError) -> AccountState? {
        do throws(StoreError) {
            return try batch.account(id)
        } catch .notFound {
            return nil
        }
    }
}

extension WriteBatch {
    /// One transaction with one job.
    func inTransaction(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        try transaction { () throws(StoreError) in try job(isOnly: true, body) }
    }
}

/// Runs `body`; what the content files answer becomes a `StoreError`.
func reading<Result>(_ body: () throws(ContentError) -> Result) throws(StoreError) -> Result {
    do {
        return try body()
    } catch {
        throw error.storeError
    }
}
