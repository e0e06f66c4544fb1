import Foundation
import GRDBSQLite
import MailModel
import MailStore
import MessageFormat
import SQLiteEngine
import Testing

@Suite struct VerifyTests {
    /// Opens a closed store's folder after `damage` and verifies.
    private func verify(
        _ store: StoreFixture, repair: Bool, damage: (String) throws -> Void
    ) async throws -> (first: VerifyReport, second: VerifyReport) {
        await store.shard.close()
        try damage(store.directory)
        let shard = try await SQLiteShard.open(directory: store.directory, options: StoreFixture.options(store.clock))
        let first = try await shard.verify(repair: repair) { done, total in #expect(done <= total) }
        let second = try await shard.verify(repair: false) { _, _ in }
        await shard.close()
        try FileManager.default.removeItem(atPath: store.directory)
        return (first, second)
    }

    private func execute(_ sql: String, _ directory: String) throws {
        var database: OpaquePointer?
        try #require(sqlite3_open(directory + "/store.sqlite", &database) == SQLITE_OK)
        defer { sqlite3_close(database) }
        try #require(
            sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK, "\(String(cString: sqlite3_errmsg(database)))")
    }

    @Test func soundStoreHasNoFindings() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await store.fill(3)
        let report = try await store.shard.verify(repair: false) { _, _ in }
        #expect(report.findings == [])
        #expect((report.accounts, report.messages) == (2, 3))
        #expect(report.bytes == 3 * Int64(store.message(0).utf8.count))
        await store.end()
    }

    @Test func flippedByteIsFound() async throws {
        let store = try await StoreFixture.make(.sqlite)
        let item = try await store.fill(1).items[0]
        let (report, _) = try await verify(store, repair: true) { directory in
            let path = URL(filePath: directory + "/content/00000001.seg")
            var bytes = try Data(contentsOf: path)
            bytes[64 + 128 + 3] ^= 1
            try bytes.write(to: path)
        }
        let finding = try #require(report.findings.first)
        #expect(finding.account == store.alice.id)
        #expect(finding.object == "message \(item)")
        #expect(!finding.isRepaired)
    }

    @Test func countersAreRebuilt() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await store.fill(2)
        let (first, second) = try await verify(store, repair: true) { directory in
            try execute(
                "UPDATE folder SET messages = 7, unseen = 1 WHERE id = 5; UPDATE account SET bytes = 1", directory)
        }
        #expect(first.findings.count == 4)
        #expect(first.findings.allSatisfy { $0.isRepaired })
        #expect(second.findings == [])
    }

    @Test func summariesAndReferencesAreRebuilt() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await store.fill(2)
        let (first, second) = try await verify(store, repair: true) { directory in
            try execute("UPDATE content SET summary = x'00', refs = 5 WHERE id = 1", directory)
        }
        #expect(first.findings.count == 2)
        #expect(second.findings == [])
    }

    @Test func rowsWithoutContentAreNamed() async throws {
        let store = try await StoreFixture.make(.sqlite)
        let items = try await store.fill(2).items
        let (report, _) = try await verify(store, repair: false) { directory in
            try execute("DELETE FROM content WHERE id = 2", directory)
        }
        #expect(report.findings.map(\.object) == ["message \(items[1])"])
    }
}
