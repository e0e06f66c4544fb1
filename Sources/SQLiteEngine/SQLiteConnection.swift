import CSQLiteVFS
import GRDB
import GRDBSQLite
import MailStore

/// One connection to the database file. GRDB opens it, keeps it to one user at a time and closes it; statements go to SQLite
/// directly, prepared once each.
final class SQLiteConnection: SQLConnection {
    private let queue: DatabaseQueue
    let handle: OpaquePointer
    let reports: DamageReports?
    private let path: String
    /// What opening found in the log; told by `checkIntegrity`.
    private let openingFindings: [String]
    private var statements: [SQLiteStatement?]
    private var prepared: [String: SQLiteStatement] = [:]

    init(_ queue: DatabaseQueue, reports: DamageReports? = nil, openingFindings: [String] = []) throws(SQLError) {
        self.queue = queue
        self.reports = reports
        self.openingFindings = openingFindings
        path = queue.path
        guard let handle = queue.inDatabase({ $0.sqliteConnection }) else {
            throw SQLError(.other, "SQLite gave no connection")
        }
        self.handle = handle
        let status = csqlitevfs_harden(handle)
        guard status == SQLITE_OK else { throw SQLError(status, handle) }
        // GRDB watches transactions for its observers. There are none, and statements do not go through it.
        sqlite3_commit_hook(handle, nil, nil)
        sqlite3_rollback_hook(handle, nil, nil)
        statements = Array(repeating: nil, count: StoreStatement.all.count)
    }

    func access<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        let result: Swift.Result<Result, StoreError> = queue.inDatabase { _ in
            do throws(StoreError) { return .success(try body()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    func statement(_ statement: StoreStatement) throws(SQLError) -> any SQLStatement {
        if let known = statements[statement.rawValue] {
            known.finish()
            return known
        }
        let made = try prepare(statement.sql)
        statements[statement.rawValue] = made
        return made
    }

    func execute(_ text: String) throws(SQLError) {
        if Self.controls.contains(text) {
            if text == "BEGIN IMMEDIATE" { try checkLog() }
            let statement = try control(text)
            defer { statement.finish() }
            _ = try statement.step()
            // The checkpoint that follows a commit fails without a word.
            if text == "COMMIT" { _ = reports?.take(handle) }
            return
        }
        let status = sqlite3_exec(handle, text, nil, nil, nil)
        guard status == SQLITE_OK else { throw SQLError(status, handle, reports) }
    }

    /// What surrounds every job and batch: prepared once, like the rest.
    private static let controls: Set<String> = [
        "BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT job", "RELEASE job", "ROLLBACK TO job",
    ]

    private func control(_ text: String) throws(SQLError) -> SQLiteStatement {
        if let known = prepared[text] { return known }
        let made = try prepare(text)
        prepared[text] = made
        return made
    }

    func prepare(_ text: String) throws(SQLError) -> SQLiteStatement {
        var prepared: OpaquePointer?
        let status = sqlite3_prepare_v3(handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard status == SQLITE_OK, let prepared else { throw SQLError(status, handle, reports) }
        return SQLiteStatement(prepared, handle, reports: reports)
    }

    /// The first column of each row.
    func values(_ text: String) throws(SQLError) -> [String] {
        let statement = try prepare(text)
        var values: [String] = []
        while try statement.step() { values.append(statement.text(0)) }
        return values
    }

    /// Every page of the file and every frame of the log, by their checksums; then the structure, as SQLite sees it.
    func checkIntegrity() throws(SQLError) -> [String] {
        var findings = openingFindings
        findings += try IndexInspection(connection: self, path: path).findings()
        do throws(SQLError) {
            findings += try values("PRAGMA integrity_check").filter { $0 != "ok" }
        } catch {
            guard error.kind == .corrupt else { throw error }
            findings.append("the structure of \(path) cannot be checked: \(error)")
        }
        return findings
    }

    /// Puts right what can be put right of a damaged log; else nothing may be written: all that is added would be taken back
    /// with the damaged frame at the next start, though it had been acknowledged.
    private func checkLog() throws(SQLError) {
        guard let (frame, refusals) = reports?.refuse() else { return }
        // Looking takes a while, so not at each request.
        if refusals % 64 == 1, try LogRestoration(connection: self, path: path).restore(frame) { return }
        throw SQLError(
            .corrupt, "frame \(frame) of \(path)-wal is damaged: nothing is changed until the server is started again")
    }

    func checkpoint() throws(SQLError) { try execute("PRAGMA wal_checkpoint(PASSIVE)") }

    func close() {
        for index in statements.indices { statements[index] = nil }
        prepared = [:]
        // A connection that cannot be closed is closed with its last reference.
        try? queue.close()
    }
}
