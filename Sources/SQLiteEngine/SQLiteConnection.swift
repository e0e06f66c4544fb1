import GRDB
import GRDBSQLite
import MailStore

/// One connection to the database file. GRDB opens it, keeps it to one user at a time and closes it; statements go to SQLite
/// directly, prepared once each.
final class SQLiteConnection: SQLConnection {
    private let queue: DatabaseQueue
    private let handle: OpaquePointer
    private var statements: [SQLiteStatement?]

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
        var prepared: OpaquePointer?
        let status = sqlite3_prepare_v3(handle, statement.sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard status == SQLITE_OK, let prepared else { throw SQLError(status, handle) }
        let made = SQLiteStatement(prepared, handle)
        statements[statement.rawValue] = made
        return made
    }

    func execute(_ text: String) throws(SQLError) {
        let status = sqlite3_exec(handle, text, nil, nil, nil)
        guard status == SQLITE_OK else { throw SQLError(status, handle) }
    }

    /// The first column of each row.
    func values(_ text: String) throws(SQLError) -> [String] {
        var prepared: OpaquePointer?
        let status = sqlite3_prepare_v2(handle, text, -1, &prepared, nil)
        guard status == SQLITE_OK, let prepared else { throw SQLError(status, handle) }
        let statement = SQLiteStatement(prepared, handle)
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
        // A connection that cannot be closed is closed with its last reference.
        try? queue.close()
    }
}
