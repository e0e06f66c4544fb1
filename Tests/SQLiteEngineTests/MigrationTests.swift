import ContentStore
import Foundation
import MailModel
import MailStore
import NIOCore
import Synchronization
import Testing

@testable import SQLiteEngine

/// Opening data of an older format: docs/crash-states.md, “Changing the format”.
@Suite struct MigrationTests {
    @Test func everythingIsAsItWas() async throws {
        let kept = try KeptFolder()
        let notices = Mutex<[StoreProgress]>([])
        let shard = try await SQLiteShard.open(
            directory: kept.directory,
            options: kept.options { options in
                options.progress = { notice in notices.withLock { $0.append(notice) } }
            })
        try await kept.expectEverything(in: shard)
        await shard.close()
        let now = try IndexDump(kept.directory)
        #expect(now.asFormat0.tables == kept.before.tables)
        #expect(now.tables["content"]?.contains { $0.hasSuffix("checksum=NULL") } == false)
        #expect(now.tables["format_history"] == ["ordinal=1 format=1 program='martlet test' time=1700000000000000"])
        let snapshot = try #require(Snapshots(directory: kept.directory).all().first)
        #expect(snapshot.path == kept.directory + "/snapshots/format-0-20231114T221320Z")
        #expect(snapshot.manifest.program == "martlet test")
        #expect(snapshot.manifest.segments.map(\.number) == [1])
        #expect(snapshot.manifest.objects == [25])
        #expect(try IndexDump(snapshot.path) == kept.before)
        let steps = notices.withLock { $0 }
        #expect(steps.first == .begins(from: StoreFormat(0), to: .current, bytes: snapshot.index.length))
        #expect(steps.contains(.step("checksums of the content", done: 26, total: 26)))
        #expect(steps.last == .ends(.current))
        kept.remove()
    }

    @Test func theTablesAreThoseOfANewFolder() async throws {
        let kept = try KeptFolder()
        try await kept.open().close()
        let store = try await StoreFixture.make(.sqlite)
        await store.shard.close()
        let (upgraded, new) = (try IndexDump(kept.directory), try IndexDump(store.directory))
        #expect(upgraded.definitions == new.definitions)
        #expect(upgraded.format == new.format)
        #expect(try PageChecksums.areInForce(in: kept.directory + "/store.sqlite"))
        await store.end()
        kept.remove()
    }

    @Test func aSegmentThatTheSnapshotSharesIsNotGoneOnWith() async throws {
        let kept = try KeptFolder()
        let length = ContentFolder.length(of: kept.directory + "/content/00000001.seg")
        let shard = try await kept.open()
        _ = try await append("Subject: new\r\n\r\nx\r\n", in: shard, kept.clock)
        #expect(ContentFolder.length(of: kept.directory + "/content/00000001.seg") == length)
        #expect(ContentFolder.length(of: kept.directory + "/content/00000002.seg") != nil)
        await shard.close()
        kept.remove()
    }

    @Test func whatWaitsInTheLogIsTaken() async throws {
        let kept = try KeptFolder()
        let killed = StoreFixture.temporaryDirectory()
        let connection = try IndexFile(directory: kept.directory).connect()
        try connection.execute("PRAGMA journal_mode=WAL")
        try connection.execute("UPDATE account SET name = 'from the log' WHERE account_id = 1")
        try copyKeepingLinks(kept.directory, to: killed)
        connection.close()
        #expect((ContentFolder.length(of: killed + "/store.sqlite-wal") ?? 0) > 0)
        let report = try #require(try kept.conversion(killed).upgrade())
        #expect(try IndexDump(killed).tables["account"]?.contains { $0.contains("from the log") } == true)
        #expect(try IndexDump(report.snapshot).tables["account"]?.contains { $0.contains("from the log") } == true)
        try FileManager.default.removeItem(atPath: killed)
        kept.remove()
    }

    @Test func recordsThatCannotBeReadAreNoObstacle() async throws {
        let kept = try KeptFolder()
        let segment = URL(filePath: kept.directory + "/content/00000001.seg")
        var bytes = try Data(contentsOf: segment)
        bytes[64 + 20] ^= 1
        try bytes.write(to: segment)
        let shard = try await kept.open()
        let findings = try await shard.verify(repair: false) { _, _ in }.findings
        #expect(!findings.isEmpty && findings.allSatisfy { $0.damage.contains("checksum") }, "\(findings)")
        await shard.close()
        #expect(try IndexDump(kept.directory).tables["content"]?.filter { $0.hasSuffix("checksum=NULL") }.count == 1)
        kept.remove()
    }

    @Test func contentOfAnotherRecordIsFound() async throws {
        let kept = try KeptFolder()
        try await kept.open().close()
        let connection = try IndexFile(directory: kept.directory).connect()
        try connection.execute("UPDATE content SET checksum = checksum + 1 WHERE id = 1")
        connection.close()
        let shard = try await kept.open()
        let findings = try await shard.verify(repair: false) { _, _ in }.findings
        #expect(findings.count == 2)
        #expect(findings.allSatisfy { $0.damage.contains("not the one that the index knows") }, "\(findings)")
        await shard.close()
        kept.remove()
    }

    // MARK: Kill

    @Test func aKillAtAnyInstantLeavesTheOldOrTheNew() async throws {
        let kept = try KeptFolder()
        let copies = Mutex<[(FormatConversion.Instant, String)]>([])
        var conversion = kept.conversion()
        let directory = kept.directory
        conversion.instant = { instant in
            let copy = StoreFixture.temporaryDirectory()
            do { try copyKeepingLinks(directory, to: copy) } catch { Issue.record(error) }
            copies.withLock { $0.append((instant, copy)) }
        }
        _ = try conversion.upgrade()
        let taken = copies.withLock { $0 }
        #expect(
            taken.map(\.0) == [
                .settled, .snapshotMade, .copied, .stepDone("checksums of the content"), .converted, .replaced,
            ])
        for (instant, copy) in taken {
            let isNew = instant == .replaced
            #expect(IndexFile(directory: copy).formatInHeader() == StoreFormat(isNew ? 1 : 0), "\(instant)")
            // What a program of the old format finds.
            if !isNew { #expect(try IndexDump(copy) == kept.before, "\(instant)") }
            let shard = try await SQLiteShard.open(directory: copy, options: kept.options())
            try await kept.expectEverything(in: shard)
            await shard.close()
            let snapshots = Snapshots(directory: copy).all()
            #expect(snapshots.count == 1, "\(instant)")
            #expect(try snapshots.first.map { try IndexDump($0.path) } == kept.before, "\(instant)")
            #expect(ContentFolder.length(of: copy + "/store.sqlite.new") == nil, "\(instant)")
            #expect(ContentFolder.length(of: copy + "/snapshots/unfinished") == nil, "\(instant)")
            try FileManager.default.removeItem(atPath: copy)
        }
        kept.remove()
    }

    @Test func aHalfMadeSnapshotIsMadeAnew() async throws {
        let kept = try KeptFolder()
        let unfinished = kept.directory + "/snapshots/unfinished"
        try FileManager.default.createDirectory(atPath: unfinished + "/content", withIntermediateDirectories: true)
        try FileManager.default.linkItem(
            atPath: kept.directory + "/content/00000001.seg", toPath: unfinished + "/content/00000001.seg")
        try Data("{".utf8).write(to: URL(filePath: unfinished + "/manifest.json"))
        try Data("x".utf8).write(to: URL(filePath: kept.directory + "/store.sqlite.new"))
        let shard = try await kept.open()
        try await kept.expectEverything(in: shard)
        await shard.close()
        #expect(Snapshots(directory: kept.directory).all().count == 1)
        kept.remove()
    }

    // MARK: Refusals

    private func expectUntouched(_ kept: KeptFolder, _ what: Comment) throws {
        #expect(try IndexDump(kept.directory) == kept.before, what)
        #expect(Snapshots(directory: kept.directory).all().isEmpty, what)
        #expect(ContentFolder.length(of: kept.directory + "/store.sqlite.new") == nil, what)
    }

    @Test func tooLittleSpaceIsSaidBeforehand() async throws {
        let kept = try KeptFolder()
        var conversion = kept.conversion()
        conversion.freeBytes = { _ in 1_000_000 }
        #expect(
            throws: StoreError.diskFull(
                "converting the index needs 17 MB of free space, there are 1 MB; nothing has been changed")
        ) { try conversion.upgrade() }
        try expectUntouched(kept, "no space")
        kept.remove()
    }

    @Test func aFailingDiskLeavesTheOldDataUntouched() async throws {
        let kept = try KeptFolder()
        for number in 1...3 {
            var conversion = kept.conversion()
            var files = FileOperations()
            switch number {
            case 1: files.link = { to, _ throws(ContentError) in throw .io("link \(to)", ENOSPC) }
            case 2: files.write = { _, _, _ throws(ContentError) in throw .io("write", ENOSPC) }
            default: files.sync = { _ throws(ContentError) in throw .io("fdatasync", EIO) }
            }
            conversion.files = files
            #expect(throws: StoreError.self, "\(number)") { try conversion.upgrade() }
            try expectUntouched(kept, "\(number)")
        }
        let shard = try await kept.open()
        try await kept.expectEverything(in: shard)
        await shard.close()
        kept.remove()
    }

    @Test func aStepThatFailsLeavesTheOldDataUntouched() async throws {
        let kept = try KeptFolder()
        for statement in ["PRAGMA max_page_count=40; CREATE TABLE big AS SELECT zeroblob(1000000) AS x", "nonsense"] {
            var conversion = kept.conversion()
            conversion.steps = [
                FormatStep(
                    "too much", from: StoreFormat(0), up: { work throws(StoreError) in try work.execute(statement) },
                    down: { _ throws(StoreError) in })
            ]
            #expect(throws: StoreError.self) { try conversion.upgrade() }
            try expectUntouched(kept, "\(statement)")
        }
        kept.remove()
    }

    @Test func rowsThatGetLostAreNoticed() async throws {
        let kept = try KeptFolder()
        var conversion = kept.conversion()
        conversion.steps = [
            FormatStep(
                "clumsy", from: StoreFormat(0),
                up: { work throws(StoreError) in try work.execute("DELETE FROM credential WHERE account_id = 2") },
                down: { _ throws(StoreError) in })
        ]
        #expect {
            try conversion.upgrade()
        } throws: {
            "\($0)".contains("rows in credential of")
        }
        try expectUntouched(kept, "lost rows")
        kept.remove()
    }

    @Test func newerFormatsAreRefused() async throws {
        let kept = try KeptFolder()
        var newer = kept.conversion()
        newer.current = StoreFormat(2)
        newer.steps.append(.futureStep)
        newer.program = "martlet 9.9"
        _ = try newer.upgrade()
        let message =
            "the data folder \(kept.directory) has format 2, written by martlet 9.9; this program reads formats up to 1"
        await #expect(throws: StoreError.notAllowed(message)) { try await kept.open() }
        kept.remove()
    }

    @Test func aNewFolderKnowsItsMaker() async throws {
        let kept = try KeptFolder()
        kept.remove()
        let shard = try await kept.open()
        await shard.close()
        #expect(
            try IndexDump(kept.directory).tables["format_history"] == [
                "ordinal=1 format=1 program='martlet test' time=1700000000000000"
            ])
        #expect(ContentFolder.length(of: kept.directory + "/snapshots") == nil)
        kept.remove()
    }
}

extension FormatStep {
    /// One that a later program may have: it renames a column, makes a table in batches, and holds what format 1 cannot.
    static let futureStep = FormatStep(
        "notes", from: StoreFormat(1), newTables: ["note"],
        up: { work throws(StoreError) in
            try work.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT) STRICT")
            try work.execute("ALTER TABLE account RENAME COLUMN name TO full_name")
            let accounts = try work.integers("SELECT account_id FROM account ORDER BY account_id")
            for (index, row) in accounts.enumerated() {
                try work.execute("INSERT INTO note VALUES (\(row[0]), 'account \(row[0])')")
                work.progress(Int64(index + 1), of: Int64(accounts.count))
            }
        },
        down: { work throws(StoreError) in
            try work.execute("DROP TABLE note; ALTER TABLE account RENAME COLUMN full_name TO name")
        },
        losses: { work throws(StoreError) in ["\(try work.integer("SELECT COUNT(*) FROM note")) notes"] })
}

/// Appends to alice's inbox.
func append(_ text: String, in shard: SQLiteShard, _ clock: TestClock) async throws -> AppendResult {
    let stager = shard.stage(expectedSize: nil)
    try await stager.write(ByteBuffer(string: text))
    return try await shard.account(AccountID(1)).append(
        [NewMessage(stager.finish(), received: clock.now)], to: SystemFolder.inbox)
}
