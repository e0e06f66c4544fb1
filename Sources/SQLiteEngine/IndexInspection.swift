import CSQLiteVFS
import GRDBSQLite
import MailStore

/// Compares every page of a database that is in use, and every frame of its log, with their checksums.
///
/// The file is read past SQLite while others write, so a page that looks wrong is looked at again in a transaction. Then
/// nothing is moved from the log into the file but pages that were in the log before: a page that waits there is not in force
/// in the file, and any other stands still.
struct IndexInspection {
    let connection: SQLiteConnection
    let path: String

    private struct LogContent {
        var state = csqlitevfs_log()
        /// The newest frame of each page.
        var frames: [UInt32: Int] = [:]
        /// Pages that are not in the file yet.
        var waiting: Set<UInt32> = []
        var findings: [String] = []
        /// Pages whose frames are wrong.
        var damaged: Set<UInt32> = []
    }

    /// What is wrong, in sentences.
    func findings() throws(SQLError) -> [String] {
        var log = try readLog()
        var findings = log.findings
        let suspects = suspectPages()
        guard !suspects.isEmpty || !log.damaged.isEmpty else { return findings }
        // If page 1 cannot be read there is no transaction, but no writer either.
        let isInTransaction = sqlite3_get_autocommit(connection.handle) == 0
        if !isInTransaction {
            try? connection.execute("BEGIN")
            _ = try? connection.values("SELECT 1 FROM sqlite_schema LIMIT 1")
        }
        defer { if !isInTransaction { try? connection.execute("ROLLBACK") } }
        log = try readLog()
        let damaged = suspects.filter { !log.waiting.contains($0) && !isSound($0) }
        guard !damaged.isEmpty || !log.damaged.isEmpty else { return findings }
        findings += describe(damaged, in: log)
        return findings
    }

    // MARK: The file

    private var pageCount: UInt32 {
        var state = csqlitevfs_log()
        if csqlitevfs_log_state(connection.handle, &state) == 1, state.pages > 0 { return state.pages }
        return (try? connection.values("PRAGMA page_count").first).flatMap { $0 }.flatMap { UInt32($0) } ?? 1
    }

    /// The page in which SQLite keeps its locks is never written.
    private static let lockPage = UInt32(1 << 30) / UInt32(CSQLITEVFS_PAGE) + 1

    private func suspectPages() -> [UInt32] {
        guard csqlitevfs_is_checked(connection.handle) != 0 else { return [] }
        return withUnsafeTemporaryAllocation(byteCount: Int(CSQLITEVFS_PAGE), alignment: 8) { buffer in
            (1...max(1, pageCount)).filter { number in
                guard number != Self.lockPage else { return false }
                return csqlitevfs_read_page(connection.handle, number, buffer.baseAddress) != SQLITE_OK
                    || csqlitevfs_is_sound(number, buffer.baseAddress) == 0
            }
        }
    }

    private func read(_ number: UInt32) -> [UInt8]? {
        var status = SQLITE_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(CSQLITEVFS_PAGE)) { buffer, count in
            status = csqlitevfs_read_page(connection.handle, number, buffer.baseAddress)
            count = status == SQLITE_OK ? Int(CSQLITEVFS_PAGE) : 0
        }
        return bytes.isEmpty ? nil : bytes
    }

    private func isSound(_ number: UInt32) -> Bool {
        guard let bytes = read(number) else { return false }
        return csqlitevfs_is_sound(number, bytes) != 0
    }

    // MARK: The log

    /// Compares the frames up to the last commit. They stay as they are until the log is begun anew, which changes its salts.
    private func readLog() throws(SQLError) -> LogContent {
        for _ in 0..<100 {
            var content = LogContent()
            // The connection opens the log with its first transaction.
            if sqlite3_get_autocommit(connection.handle) != 0 {
                _ = try? connection.values("SELECT 1 FROM sqlite_schema LIMIT 1")
            }
            guard csqlitevfs_log_state(connection.handle, &content.state) == 1 else { return content }
            let limit = Int(content.state.frames)
            if limit > 0, try !compare(limit, &content) { continue }
            // Perhaps it was, and has been corrected or begun anew since.
            if content.findings.isEmpty { connection.reports?.forgetLog() }
            return content
        }
        // It begins anew all the time: there is nothing old in it.
        return LogContent()
    }

    /// False if the log has been begun anew meanwhile.
    private func compare(_ limit: Int, _ content: inout LogContent) throws(SQLError) -> Bool {
        guard let log = try WriteAheadLog(ofDatabase: path) else {
            guard try isCurrent(content) else { return false }
            content.findings.append("the write-ahead log \(path)-wal is missing, though \(limit) pages should be in it")
            return true
        }
        let moved = Int(content.state.moved)
        var frames: [UInt32: Int] = [:]
        var waiting: Set<UInt32> = []
        var sum = WriteAheadLog.Checksum()
        var damage: [(Int, UInt32)] = []
        let first =
            log.isSound && log.salt == withUnsafeBytes(of: content.state.salt) { Array($0) }
            ? log.firstUnsound(limit: limit, sum: &sum) { number, header in
                frames[header.page] = number
                if number > moved { waiting.insert(header.page) }
            } : 0
        if let first {
            guard try isCurrent(content) else { return false }
            if first == 0 {
                content.findings.append(
                    "the header of the write-ahead log \(path)-wal is damaged: at the next start, what was changed last would be missing"
                )
            }
            for number in max(first, 1)...limit {
                guard let header = log.header(number), header.page > 0 else { continue }
                frames[header.page] = number
                if number > moved { waiting.insert(header.page) }
                if first > 0, !log.isSound(number) { damage.append((number, header.page)) }
            }
            for (number, page) in damage {
                content.damaged.insert(page)
                content.findings.append(
                    "page \(number) of \(limit) in the write-ahead log \(path)-wal is damaged: at the next start, it and what was changed after it would be missing"
                )
            }
            connection.reports?.frame(UInt32(max(first, 1)))
        } else if sum != WriteAheadLog.Checksum(first: content.state.sum.0, second: content.state.sum.1) {
            guard try isCurrent(content) else { return false }
            content.findings.append("the write-ahead log \(path)-wal does not end as SQLite has written it")
        }
        content.frames = frames
        content.waiting = waiting
        return true
    }

    private func isCurrent(_ content: LogContent) throws(SQLError) -> Bool {
        var now = csqlitevfs_log()
        guard csqlitevfs_log_state(connection.handle, &now) == 1 else { return false }
        let (was, salt) = (content.state.salt, now.salt)
        return withUnsafeBytes(of: was) { was in withUnsafeBytes(of: salt) { was.elementsEqual($0) } }
    }

    // MARK: Words

    private func describe(_ damaged: [UInt32], in log: LogContent) -> [String] {
        let walk = PageWalk(pages: pageCount) { number in
            if let frame = log.frames[number], let page = self.page(inFrame: frame) { return page }
            return self.read(number)
        }
        let uses = walk.uses(of: log.damaged.union(damaged), in: trees())
        let free = damaged.allSatisfy { uses[$0] != nil } ? [] : walk.free()
        let meaning = PageMeaning { account in
            try? connection.values("SELECT address FROM account WHERE account_id = \(account)").first
        }
        var texts: [String] = []
        for number in damaged {
            connection.reports?.page(number)
            let what: String
            if let use = uses[number] {
                what = "affected: \(meaning.words(use))"
            } else if free.contains(number) {
                what = "it is free, so nothing is lost"
            } else {
                what = "what is affected cannot be said, as the way to it is damaged as well"
            }
            texts.append("page \(number) of \(path) is damaged; \(what)")
        }
        for number in log.damaged.sorted() {
            if let use = uses[number] { texts.append("what is damaged in the log: \(meaning.words(use))") }
        }
        return texts
    }

    private func page(inFrame frame: Int) -> [UInt8]? {
        guard let log = try? WriteAheadLog(ofDatabase: path) else { return nil }
        return log.page(frame)
    }

    private func trees() -> [PageTree] {
        var trees = [PageTree(name: "sqlite_schema", table: "sqlite_schema", isIndex: false, root: 1)]
        let text = """
            SELECT rootpage || ' ' || type || ' ' || tbl_name || ' ' || name FROM sqlite_schema WHERE rootpage > 0
            """
        for line in (try? connection.values(text)) ?? [] {
            let words = line.split(separator: " ", maxSplits: 3)
            guard words.count == 4, let root = UInt32(words[0]) else { continue }
            trees.append(
                PageTree(name: String(words[3]), table: String(words[2]), isIndex: words[1] == "index", root: root))
        }
        return trees
    }
}
