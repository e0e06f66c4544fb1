import Foundation
import MailModel
import MailStore
import NIOCore
import SQLiteEngine
import Testing

/// Damage to the log of a store: while it is in use, and before it is opened.
@Suite struct WriteAheadLogTests {
    private func append(_ count: Int, _ shard: any Shard, _ store: StoreFixture) async throws {
        let account = try await shard.account(store.alice.id)
        for number in 0..<count {
            let stager = shard.stage(expectedSize: nil)
            try await stager.write(ByteBuffer(string: store.message(number)))
            _ = try await account.append(
                [NewMessage(stager.finish(), received: store.clock.now)], to: SystemFolder.inbox)
        }
    }

    private func findings(_ shard: any Shard) async throws -> [String] {
        try await shard.verify(repair: false) { _, _ in }.findings.map { "\($0.object): \($0.damage)" }
    }

    /// A copy of the folder of a store in use, as a kill would leave it, opened after a change of its log. Gives the number of
    /// alice's messages and what `verify` finds.
    private func reopened(
        _ store: StoreFixture, tells: Bool = true, _ change: (inout LogFile) throws -> Void
    ) async throws -> (messages: Int, findings: [String]) {
        let copy = StoreFixture.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try FileManager.default.copyItem(atPath: store.directory, toPath: copy)
        try FileManager.default.removeItem(atPath: copy + "/store.sqlite-shm")
        var log = try LogFile(copy)
        try change(&log)
        try log.write()
        let options = StoreFixture.options(store.clock) { $0.verifyTellsOpening = tells }
        let shard = try await SQLiteShard.open(directory: copy, options: options)
        var count = 0
        do {
            count = try await shard.account(store.alice.id).mailbox(SystemFolder.inbox).count
        } catch StoreError.notFound {
            // All of it was in the log.
        }
        let found = try await findings(shard)
        await shard.close()
        return (count, found)
    }

    @Test func aWrongBitInTheLogOfAStoreInUseIsFound() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await append(10, store.shard, store)
        #expect(try await findings(store.shard) == [])
        var random = SplitMix(seed: 3)
        var (corrected, kept) = (0, 10)
        for round in 0..<25 {
            var log = try LogFile(store.directory)
            let sound = log
            let end = try #require(log.frames.last).offset + LogFile.frameHeader + LogFile.page
            // The first rounds: the log's own header.
            log.flip(round < 4 ? Int(random.next() % 256) : Int(random.next() % UInt64(end * 8)))
            try log.writeInPlace()
            #expect(try await findings(store.shard) != [], "round \(round)")
            do {
                // The next change puts it right,
                try await append(1, store.shard, store)
                corrected += 1
                kept += 1
            } catch StoreError.damaged {
                // or is refused.
                try sound.writeInPlace()
            }
            #expect(try await findings(store.shard) == [], "round \(round)")
        }
        #expect(corrected > 10)
        #expect(try await store.account().mailbox(SystemFolder.inbox).count == kept)
        #expect(try await reopened(store) { _ in } == (kept, []))
        await store.end()
    }

    @Test func nothingIsAddedToALogThatCannotBeCorrected() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await append(10, store.shard, store)
        var log = try LogFile(store.directory)
        let sound = log
        // The newest frame of its page, so that no checkpoint can do without it.
        let frame = try #require(log.frames.last)
        for bit in [700, 9000, 31000] { log.flip(frame.offset * 8 + bit) }
        try log.writeInPlace()
        let database = SQLiteDatabase(path: store.directory + "/store.sqlite", waitsForDisk: false)
        let reader = try database.openReader()
        #expect(try reader.checkIntegrity().contains { $0.contains("write-ahead log") })
        reader.close()
        // Whoever reads the frame says so; so does a check of the whole store, or it fails on the way.
        #expect(((try? await findings(store.shard)) ?? ["fails"]) != [])
        for _ in 0..<3 {
            await #expect(
                performing: { try await append(1, store.shard, store) },
                throws: { error in if case StoreError.damaged = error { true } else { false } })
        }
        try sound.writeInPlace()
        #expect(try await findings(store.shard) == [])
        await store.end()
    }

    @Test func readingADamagedFrameIsRefused() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await append(3, store.shard, store)
        var log = try LogFile(store.directory)
        for frame in log.frames { for bit in [800, 8000] { log.flip((frame.offset + LogFile.frameHeader) * 8 + bit) } }
        try log.writeInPlace()
        // A connection that has nothing in memory.
        let database = SQLiteDatabase(path: store.directory + "/store.sqlite", waitsForDisk: false)
        #expect(throws: (any Error).self) {
            let reader = try database.openReader()
            defer { reader.close() }
            try reader.execute("SELECT count(*) FROM item, content, folder")
        }
        await store.shard.close()
        try FileManager.default.removeItem(atPath: store.directory)
    }

    @Test func aWrongBitInTheLogOfAStoppedStoreIsTold() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await append(8, store.shard, store)
        let log = try LogFile(store.directory)
        let frames = log.frames
        let end = try #require(frames.last).offset + LogFile.frameHeader + LogFile.page
        var random = SplitMix(seed: 5)
        var bits = (0..<20).map { _ in Int(random.next() % UInt64(end * 8)) }
        bits += [5, 70, 130, 200].map { $0 }
        // The last frame: its page, its size of the database, its salts, its checksum.
        let last = try #require(frames.last).offset * 8
        bits += [last + 7, last + 40, last + 60, last + 70, last + 120, last + 130, last + 191, last + 20_000]
        var corrected = 0
        for bit in bits {
            let (messages, found) = try await reopened(store) { $0.flip(bit) }
            #expect(found.count == 1, "bit \(bit): \(found)")
            if found.first?.contains("has been corrected") == true {
                #expect(messages == 8, "bit \(bit)")
                corrected += 1
            } else {
                #expect(found.first?.contains("was taken back") == true, "bit \(bit): \(found)")
            }
        }
        #expect(corrected > bits.count / 2)
        #expect(try await reopened(store) { _ in } == (8, []))
        await store.end()
    }

    @Test func framesBehindDamageAreTold() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await append(8, store.shard, store)
        let log = try LogFile(store.directory)
        let commits = log.frames.filter { $0.pages > 0 }
        let middle = commits[commits.count - 4].offset
        let (messages, found) = try await reopened(store) { log in
            for bit in [300, 5000, 9999] { log.flip(middle * 8 + bit) }
        }
        #expect(messages < 8)
        #expect(found.contains { $0.contains("was taken back") && $0.contains("martlet salvage") }, "\(found)")
        let (_, headless) = try await reopened(store) { log in for bit in [3, 130, 140] { log.flip(bit) } }
        #expect(headless.contains { $0.contains("the header of") && $0.contains("was taken back") }, "\(headless)")
        await store.end()
    }

    /// A power cut in the middle of a commit may leave any of its sectors. `verify` on a stopped folder says so with both
    /// explanations, since nobody can know; a server that was started has said it in its log.
    @Test func aTornCommitIsNoFindingOfARunningServer() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await append(5, store.shard, store)
        let before = try LogFile(store.directory).frames.count
        try await append(1, store.shard, store)
        let frames = try LogFile(store.directory).frames
        let torn: (inout LogFile) -> Void = { log in
            for frame in frames[before..<frames.count - 1] {
                log.bytes.replaceSubrange(frame.offset..<frame.offset + 512, with: [UInt8](repeating: 0, count: 512))
            }
        }
        #expect(frames.count - before > 1)
        #expect(try await reopened(store, tells: false, torn) == (5, []))
        let (_, told) = try await reopened(store, torn)
        #expect(told.count == 1 && told[0].contains("either a power cut"), "\(told)")
        // Without its end there is nothing to tell.
        #expect(try await reopened(store) { $0.bytes.removeLast(LogFile.frameHeader + LogFile.page) } == (5, []))
        await store.end()
    }

    @Test func aTornPageThatTheLogReplacesIsNoFinding() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await append(40, store.shard, store)
        let file = store.directory + "/store.sqlite"
        let shard = try #require(store.shard as? SQLiteShard)
        await shard.close()
        let again = try await SQLiteShard.open(directory: store.directory, options: StoreFixture.options(store.clock))
        try await append(3, again, store)
        let waiting = Set(try LogFile(store.directory).frames.map(\.page))
        #expect(waiting.count > 3)
        let handle = try #require(FileHandle(forUpdatingAtPath: file))
        for page in waiting where page > 1 {
            try handle.seek(toOffset: UInt64((page - 1) * 4096 + 512))
            try handle.write(contentsOf: Data(repeating: 0x55, count: 1024))
        }
        try handle.close()
        #expect(try await findings(again) == [])
        await again.close()
        #expect(try PageChecksumFile(store.directory).unsound == [])
        try FileManager.default.removeItem(atPath: store.directory)
    }

    /// More than fits into the writer's memory: SQLite writes pages to the log before the commit, some twice, and their
    /// checksums later.
    @Test func transactionsThatDoNotFitIntoMemoryAreReadRight() throws {
        let folder = StoreFixture.temporaryDirectory()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/store.sqlite"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        try PageChecksums.prepare(path: path)
        let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
        #expect(
            try sqlite(
                path,
                """
                PRAGMA cache_size=10; CREATE TABLE a (id INTEGER PRIMARY KEY, text TEXT); CREATE INDEX b ON a (text);
                BEGIN; \(numbers) INSERT INTO a SELECT i, hex(randomblob(i % 50)) FROM n;
                UPDATE a SET text = hex(randomblob(20)); SAVEPOINT s; DELETE FROM a WHERE id % 2 = 0; ROLLBACK TO s;
                UPDATE a SET text = text || 'x' WHERE id % 3 = 0; COMMIT;
                BEGIN; UPDATE a SET text = hex(randomblob(21)); ROLLBACK;
                BEGIN; UPDATE a SET text = text || 'y'; DELETE FROM a WHERE id % 5 = 0; COMMIT;
                SELECT count(*) FROM a; PRAGMA integrity_check
                """
            ).suffix(2) == ["3200", "ok"])
        #expect(try PageChecksumFile(folder).unsound == [])
        try FileManager.default.removeItem(atPath: folder)
    }
}
