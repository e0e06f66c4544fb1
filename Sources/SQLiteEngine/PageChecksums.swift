import CSQLiteVFS
import GRDBSQLite
import Glibc
package import MailStore

/// The checksum at the end of every page of `store.sqlite`.
///
/// A small layer between SQLite and the system, `CSQLiteVFS`, computes it when SQLite writes a page into the file and compares
/// it when SQLite reads one. The log beside the file has SQLite's own checksums, which the layer compares as well.
///
/// A database has checksums from its first page on, or none: SQLite must leave the bytes free in every page. One without
/// them is read and written as ever, until `copy` has made another of it.
package enum PageChecksums {
    /// Makes SQLite go through the layer, and a file of no bytes a database with checksums. To be called before a connection
    /// opens the file.
    package static func prepare(path: String) throws(SQLError) {
        try register()
        // A file of one page may be the beginning of one, which a power cut has left and SQLite takes back.
        guard try size(of: path) <= CSQLITEVFS_PAGE else { return }
        let file = try PlainConnection(path)
        defer { file.close() }
        guard try file.value("PRAGMA page_count") == "0" else { return }
        try file.check(csqlitevfs_reserve(file.handle))
        try file.execute(
            """
            PRAGMA page_size=\(CSQLITEVFS_PAGE); PRAGMA application_id=\(CSQLITEVFS_APPLICATION); PRAGMA synchronous=EXTRA;
            PRAGMA journal_mode=WAL
            """)
    }

    /// Writes a copy of the database `source`, its log included, to `target`, each page with its checksum.
    ///
    /// The source stays as it is, but that SQLite may move its log into it; the target must not exist and needs at most as much
    /// space. The target is whole when this returns, but not yet synced. `user_version` and all rows are those of the source.
    package static func copy(_ source: String, to target: String) throws(SQLError) {
        try register()
        let old = try PlainConnection(source)
        defer { old.close() }
        try old.check(csqlitevfs_reserve(old.handle))
        try create(target)
        try old.execute(
            "VACUUM INTO '\(checked(target).split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
        )
        let new = try PlainConnection(checked(target))
        defer { new.close() }
        try new.execute("PRAGMA synchronous=OFF; PRAGMA application_id=\(CSQLITEVFS_APPLICATION)")
        let answer = try new.value("PRAGMA quick_check(1)")
        guard answer == "ok" else { throw SQLError(.corrupt, "SQLite: the copy \(target) is damaged: \(answer)") }
    }

    /// What makes a database one without checksums, for programs that do not know them: a statement. The next `copy` gives it
    /// checksums again.
    package static let removal = "PRAGMA application_id=0"

    /// Whether the database has checksums, by its first page.
    package static func areInForce(in path: String) throws(SQLError) -> Bool {
        try register()
        let file = try PlainConnection(path)
        defer { file.close() }
        return csqlitevfs_is_checked(file.handle) != 0
    }

    static func register() throws(SQLError) {
        let status = csqlitevfs_register()
        guard status == SQLITE_OK else { throw SQLError(status, nil) }
    }

    /// SQLite takes the name as a URI; the parameter has each page checked from the first on.
    private static func checked(_ path: String) -> String {
        var text = "file:"
        for byte in path.utf8 {
            let isPlain =
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "/-_.~".utf8.contains(byte)
            let digits = String(byte, radix: 16)
            text += isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count < 2 ? "0" : "") + digits
        }
        return text + "?" + CSQLITEVFS_PARAMETER + "=1"
    }

    private static func create(_ path: String) throws(SQLError) {
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("create", path) }
        close(file)
    }

    /// 0 for a file that is not there.
    private static func size(of path: String) throws(SQLError) -> Int {
        var status = stat()
        guard stat(path, &status) != 0 else { return Int(status.st_size) }
        guard errno == ENOENT else { throw failure("read", path) }
        return 0
    }

    private static func failure(_ action: String, _ path: String) -> SQLError {
        SQLError(.other, "\(action) \(path): \(String(cString: strerror(errno)))")
    }
}

/// A connection without GRDB, for what is done before the store's own connections open the file.
private final class PlainConnection {
    let handle: OpaquePointer
    private let path: String

    init(_ path: String) throws(SQLError) {
        self.path = path
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI
        let status = sqlite3_open_v2(path, &handle, flags, nil)
        guard let handle else { throw SQLError(status, nil) }
        self.handle = handle
        guard status == SQLITE_OK else {
            let error = SQLError(status, handle)
            sqlite3_close_v2(handle)
            throw error
        }
    }

    func check(_ status: Int32) throws(SQLError) {
        guard status == SQLITE_OK else { throw SQLError(status, handle) }
    }

    func execute(_ text: String) throws(SQLError) { try check(sqlite3_exec(handle, text, nil, nil, nil)) }

    /// The first column of the first row.
    func value(_ text: String) throws(SQLError) -> String {
        var prepared: OpaquePointer?
        try check(sqlite3_prepare_v2(handle, text, -1, &prepared, nil))
        guard let prepared else { throw SQLError(.other, "no statement") }
        let statement = SQLiteStatement(prepared, handle)
        return try statement.step() ? statement.text(0) : ""
    }

    func close() { sqlite3_close_v2(handle) }
}
