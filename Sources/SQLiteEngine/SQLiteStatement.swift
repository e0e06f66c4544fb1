import CSQLiteVFS
import GRDBSQLite
import Glibc
import MailStore

/// A prepared statement of one connection.
final class SQLiteStatement: SQLStatement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private let reports: DamageReports?
    /// The next value's number.
    private var position: Int32 = 0

    init(_ handle: OpaquePointer, _ connection: OpaquePointer, reports: DamageReports? = nil) {
        self.handle = handle
        self.connection = connection
        self.reports = reports
    }

    deinit { sqlite3_finalize(handle) }

    /// SQLite copies the bytes.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    func bind(_ value: Int64) {
        position += 1
        sqlite3_bind_int64(handle, position, value)
    }

    func bind(_ value: String) {
        position += 1
        var value = value
        value.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                // A null pointer would bind NULL.
                if let base = text.baseAddress {
                    _ = sqlite3_bind_text(handle, position, base, Int32(clamping: text.count), Self.transient)
                } else {
                    _ = sqlite3_bind_text(handle, position, "", 0, Self.transient)
                }
            }
        }
    }

    func bind(_ value: [UInt8]) {
        position += 1
        value.withUnsafeBytes { bytes in
            if bytes.count > 0 {
                _ = sqlite3_bind_blob(handle, position, bytes.baseAddress, Int32(clamping: bytes.count), Self.transient)
            } else {
                _ = sqlite3_bind_zeroblob(handle, position, 0)
            }
        }
    }

    func bindNull() {
        position += 1
        sqlite3_bind_null(handle, position)
    }

    func step() throws(SQLError) -> Bool {
        let status = sqlite3_step(handle)
        if status == SQLITE_ROW { return true }
        if status == SQLITE_DONE { return false }
        let error = SQLError(status, connection, reports)
        finish()
        throw error
    }

    func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

    func text(_ column: Int) -> String {
        guard let text = sqlite3_column_text(handle, Int32(column)) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    func bytes(_ column: Int) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(handle, Int32(column)) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

    var changes: Int { Int(sqlite3_changes(connection)) }

    func finish() {
        sqlite3_reset(handle)
        position = 0
    }
}

extension SQLError {
    /// `reports` is told of damage that the connection has met.
    init(_ status: Int32, _ connection: OpaquePointer?, _ reports: DamageReports? = nil) {
        if status == CSQLITEVFS_DAMAGED, let connection, let place = reports?.take(connection) {
            self.init(.corrupt, "\(place) is damaged")
            return
        }
        // SQLite has a code of its own for ENOSPC, not for a disk quota, nor for files other than the database.
        let system = connection.map { sqlite3_system_errno($0) } ?? 0
        let isFull = system == ENOSPC || system == EDQUOT
        let text = connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(status))
        let kind: Kind =
            switch status & 0xFF {
            case SQLITE_CONSTRAINT: .constraint
            case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
            case SQLITE_FULL: .full
            case SQLITE_IOERR, SQLITE_CANTOPEN: isFull ? .full : .other
            default: .other
            }
        self.init(kind, "SQLite: \(text) (\(status))")
    }
}
