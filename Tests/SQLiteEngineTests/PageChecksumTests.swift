import CSQLiteVFS
import Foundation
import MailModel
import MailStore
import SQLiteEngine
import Testing

@Suite struct PageChecksumTests {
    private func closed(_ body: (StoreFixture) async throws -> Void) async throws -> StoreFixture {
        let store = try await StoreFixture.make(.sqlite)
        try await body(store)
        await store.shard.close()
        return store
    }

    @Test func everyPageOfAStoreHasAChecksum() async throws {
        let store = try await closed { store async throws in
            for _ in 0..<20 { try await store.fill(50) }
            _ = try await store.account().expunge(UIDSet([1...900]), in: SystemFolder.inbox, onlyDeleted: false)
            store.clock.advance(days: 100)
            _ = try await store.shard.purge(now: store.clock.now)
        }
        let file = try PageChecksumFile(store.directory)
        #expect(file.pages > 50)
        #expect(file.unsound == [])
        #expect(try sqlite(file.url.path, "PRAGMA freelist_count") != ["0"])
        try FileManager.default.removeItem(atPath: store.directory)
    }

    @Test func anEmptyFileBecomesADatabaseWithChecksums() async throws {
        let store = try await closed { _ in }
        let path = store.directory + "/store.sqlite"
        try Data().write(to: URL(filePath: path))
        let shard = try await SQLiteShard.open(directory: store.directory, options: StoreFixture.options(store.clock))
        await shard.close()
        #expect(try PageChecksumFile(store.directory).unsound == [])
        try FileManager.default.removeItem(atPath: store.directory)
    }

    /// Without its reserve, a database of 2 tables and an index.
    private func plainDatabase(_ path: String) throws {
        try sqlite(
            path,
            """
            PRAGMA journal_mode=WAL; PRAGMA user_version=7; CREATE TABLE a (id INTEGER PRIMARY KEY, text TEXT);
            CREATE TABLE b (x TEXT PRIMARY KEY, y BLOB) WITHOUT ROWID; CREATE INDEX c ON a (text);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
            INSERT INTO a SELECT i, hex(randomblob(i % 100)) FROM n;
            INSERT INTO b SELECT id || text, zeroblob(id * 5) FROM a
            """)
    }

    @Test func aCopyOfADatabaseWithoutHasChecksums() async throws {
        // The name is of those that a URI must take apart.
        let folder = StoreFixture.temporaryDirectory() + " it's 100% ?#ü"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let (path, copy) = (folder + "/old.sqlite", folder + "/store.sqlite")
        try plainDatabase(path)
        #expect(try !PageChecksums.areInForce(in: path))
        try PageChecksums.copy(path, to: copy)
        #expect(try PageChecksums.areInForce(in: copy))
        #expect(try PageChecksumFile(folder).unsound == [])
        let sums =
            "SELECT user_version FROM pragma_user_version UNION ALL SELECT group_concat(text) FROM a UNION ALL SELECT count(*) FROM b"
        #expect(try sqlite(copy, sums) == sqlite(path, sums))
        #expect(try sqlite(copy, "PRAGMA integrity_check") == ["ok"])
        // It stays so, whoever writes in this process; after the removal no more.
        try sqlite(
            copy, "PRAGMA journal_mode=WAL; DELETE FROM a WHERE id % 3 = 0; VACUUM; INSERT INTO a VALUES (3, 'x')")
        #expect(try PageChecksumFile(folder).unsound == [])
        try sqlite(copy, PageChecksums.removal + "; INSERT INTO a VALUES (6, 'x')")
        #expect(try !PageChecksums.areInForce(in: copy))
        #expect(try PageChecksumFile(folder).unsound != [])
        try PageChecksums.copy(copy, to: path + "-again")
        #expect(try PageChecksums.areInForce(in: path + "-again"))
        #expect(try sqlite(path + "-again", sums) == sqlite(copy, sums))
        try FileManager.default.removeItem(atPath: folder)
    }

    /// Pages are read past SQLite while a writer moves others into the file: what is half written is no damage.
    @Test func aCheckBesideABusyWriterFindsNothing() async throws {
        let store = try await closed { store async throws in try await store.fill(100) }
        let path = store.directory + "/store.sqlite"
        let reader = try SQLiteDatabase(path: path, waitsForDisk: false).openReader()
        defer { reader.close() }
        async let writing: Void = Task.detached {
            for round in 0..<40 {
                try sqlite(
                    path,
                    """
                    PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=\(1 + round % 7); PRAGMA busy_timeout=10000;
                    CREATE TABLE IF NOT EXISTS x (i INTEGER PRIMARY KEY, t TEXT);
                    """
                        + (0..<40).map {
                            "INSERT OR REPLACE INTO x VALUES (\(($0 * 7 + round) % 97), hex(randomblob(900)));"
                        }
                        .joined() + "DELETE FROM x WHERE i % 5 = \(round % 5)")
            }
        }.value
        var checks = 0
        while checks < 60 {
            #expect(try reader.checkIntegrity() == [])
            checks += 1
        }
        try await writing
        #expect(try reader.checkIntegrity() == [])
        try FileManager.default.removeItem(atPath: store.directory)
    }
}
