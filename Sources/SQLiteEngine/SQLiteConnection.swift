import GRDB
import GRDBSQLite
import MailStore

/// One connection to the database file. GRDB opens it, keeps it to one user at a time and closes it; statements go to SQLite
/// directly, prepared once each.
final class SQLiteConnection: SQLConnection {
    private let queue: DatabaseQueue
    private let handle: OpaquePointer
    private var statements: [SQLiteStatement?]
    private var prepared: [String: SQLiteStatement] = [:]

    init(_ queue: DatabaseQueue) throws(SQLError) {
        self.queue = queue
        guard let handle = queue.inDatabase({ $0.sqliteConnection }) else {
            throw SQLError(.other, "SQLite gave no connection")
        }
        self.handle = handle
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
            let statement = try control(text)
            defer { statement.finish() }
            _ = try statement.step()
            return
        }
        let status = sqlite3_exec(handle, text, nil, nil, nil)
        guard status == SQLITE_OK else { throw SQLError(status, handle) }
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
        guard status == SQLITE_OK, let prepared else { throw SQLError(status, handle) }
        return SQLiteStatement(prepared, handle)
    }

    /// The first column of each row.
    func values(_ text: String) throws(SQLError) -> [String] {
        let statement = try prepare(text)
        var values: [String] = []
        while try statement.step() { values.append(statement.text(0)) }
        return values
    }

    func checkIntegrity() throws(SQLError) -> [String] {
        try values("PRAGMA integrity_check").filter { $0 != "ok" }
    }

    func checkpoint() throws(SQLError) { try execute("PRAGMA wal_checkpoint(PASSIVE)") }

    func close() {
        for index in statements.indices { statements[index] = nil }
        prepared = [:]
        // A connection that cannot be closed is closed with its last reference.
        try? queue.close()
    }
}
