import CSQLiteVFS
import GRDB
package import MailModel
package import MailStore

#if SYNCS_CAN_BE_OMITTED
import ContentStore
#endif

/// The embedded database: one file with a write-ahead log.
package final class SQLiteDatabase: SQLDatabase {
    private let path: String
    private let waitsForDisk: Bool
    private let program: String
    private let now: @Sendable () -> Timestamp
    private let openingFindings: [String]
    private let reports: DamageReports

    /// The file exists, in this program's format; an empty one becomes a database, which says that `program` has made it.
    /// `waitsForDisk` is off only in tests. `openingFindings` are told by every check of its integrity.
    package init(
        path: String, waitsForDisk: Bool, program: String = "", openingFindings: [String] = [],
        now: @escaping @Sendable () -> Timestamp = { Timestamp(rawValue: 0) }
    ) {
        self.path = path
        self.waitsForDisk = waitsForDisk
        self.program = program
        self.now = now
        self.openingFindings = openingFindings
        reports = DamageReports(path: path)
    }

    package let dialect = SQLDialect.sqlite

    package func openWriter() throws(SQLError) -> any SQLConnection {
        try PageChecksums.prepare(path: path)
        var configuration = Configuration()
        configuration.label = "store-writer"
        let connection = try Self.connect(path, configuration, reports, openingFindings)
        do throws(SQLError) {
            // GRDB leaves NORMAL, with which a power cut loses the last commits.
            let level = waitsForDisk ? "FULL" : "OFF"
            try connection.execute("PRAGMA synchronous=\(level)")
            guard try connection.values("PRAGMA synchronous") == [waitsForDisk ? "2" : "0"] else {
                throw SQLError(.other, "SQLite does not take synchronous=\(level)")
            }
            // Not by GRDB, which writes a table to begin a log: a damaged free page would keep the store closed.
            guard try connection.values("PRAGMA journal_mode=WAL") == ["wal"] else {
                throw SQLError(.other, "SQLite does not take journal_mode=wal")
            }
            #if SYNCS_CAN_BE_OMITTED
            if OmittedSync.includes("index") { try connection.execute("PRAGMA synchronous=OFF") }
            #endif
            try connection.execute("PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY")
            try TableCreation(connection: connection, program: program, now: now()).run()
            guard csqlitevfs_is_checked(connection.handle) != 0 else {
                throw SQLError(.corrupt, "the first page of \(path) does not say that pages have checksums")
            }
        } catch {
            connection.close()
            throw error
        }
        return connection
    }

    package func openReader() throws(SQLError) -> any SQLConnection {
        var configuration = Configuration()
        configuration.label = "store-reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        let connection = try Self.connect(path, configuration, reports, openingFindings)
        // Only the writer's connection may write or checkpoint: with two, SQLite before 3.51.3 can lose the log.
        try connection.execute("PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-16384")
        return connection
    }

    static func connect(
        _ path: String, _ configuration: Configuration, _ reports: DamageReports? = nil,
        _ openingFindings: [String] = []
    ) throws(SQLError) -> SQLiteConnection {
        try PageChecksums.register()
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let connection = try SQLiteConnection(queue, reports: reports, openingFindings: openingFindings)
            // What checksums cannot find: pages that were written wrong.
            try connection.execute("PRAGMA cell_size_check=ON")
            return connection
        } catch let error as SQLError {
            throw error
        } catch let error as DatabaseError {
            let isDamage = error.resultCode == .SQLITE_NOTADB || error.resultCode == .SQLITE_CORRUPT
            throw SQLError(isDamage ? .corrupt : .other, "SQLite: \(error.message ?? "cannot open") (\(path))")
        } catch {
            throw SQLError(.other, "SQLite: \(error) (\(path))")
        }
    }
}
