import CSQLiteVFS
import Foundation
import GRDBSQLite
import MailModel
import MailStore
import NIOCore
import SQLiteEngine
import Testing

/// Bits turned over in the database's file.
@Suite struct PageChecksumDamageTests {
    /// A closed store with pages of every kind: inner and leaf pages of tables and indexes, overflow, free pages.
    private func folderWithAllKinds() async throws -> StoreFixture {
        let store = try await StoreFixture.make(.sqlite)
        for _ in 0..<12 { try await store.fill(60) }
        let account = try await store.account()
        let long =
            "Subject: long\r\n"
            + (0..<40).map { "To: \(String(repeating: "x", count: 200))\($0)@example.test\r\n" }.joined()
        for _ in 0..<5 {
            _ = try await account.append(
                [NewMessage(try await store.stage(long + "\r\nx\r\n"), received: store.clock.now)],
                to: SystemFolder.inbox)
        }
        for number in 0..<10 {
            _ = try await store.shard.deliver(
                store.delivery("D\(number)", store.message(number), to: [store.bob], remote: ["x@elsewhere.example"]))
        }
        _ = try await account.expunge(UIDSet([1...400]), in: SystemFolder.inbox, onlyDeleted: false)
        store.clock.advance(days: 100)
        _ = try await store.shard.purge(now: store.clock.now)
        await store.shard.close()
        return store
    }

    /// What a check finds, with what opening says if that fails; the file is as it was afterwards. `rewritten` becomes the pages
    /// that opening writes anew, into the log: what is in the file for them no longer counts.
    private func findings(
        _ directory: String, rewritten: UnsafeMutablePointer<Set<Int>>? = nil,
        after change: (inout PageChecksumFile) throws -> Void
    ) throws -> [String] {
        let sound = try PageChecksumFile(directory)
        var file = sound
        try change(&file)
        try file.write()
        defer { try? sound.write() }
        let database = SQLiteDatabase(path: directory + "/store.sqlite", waitsForDisk: false)
        do {
            let writer = try database.openWriter()
            defer { writer.close() }
            let reader = try database.openReader()
            defer { reader.close() }
            rewritten?.pointee = Set((try? LogFile(directory))?.frames.map(\.page) ?? [])
            return try reader.checkIntegrity()
        } catch {
            #expect(error.kind == .corrupt, "\(error)")
            return ["cannot be opened: \(error)"]
        }
    }

    /// Without our checks.
    private func integrityCheck(_ path: String) -> [String] {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, "unix") == SQLITE_OK else { return ["no"] }
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, nil) == SQLITE_OK else {
            return ["no"]
        }
        var lines: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW { lines.append(String(cString: sqlite3_column_text(statement, 0))) }
        return lines
    }

    @Test func everyBitIsFoundWhateverThePageIsFor() async throws {
        let store = try await folderWithAllKinds()
        let directory = store.directory
        let path = directory + "/store.sqlite"
        let sound = try PageChecksumFile(directory)
        #expect(try findings(directory) { _ in } == [])
        let kinds: [String: [String]] = [
            "inner table": try sqlite(
                path, "SELECT pageno FROM dbstat WHERE name = 'content' AND pagetype = 'internal'"),
            "leaf table": try sqlite(path, "SELECT pageno FROM dbstat WHERE name = 'content' AND pagetype = 'leaf'"),
            "inner index": try sqlite(path, "SELECT pageno FROM dbstat WHERE name = 'item' AND pagetype = 'internal'"),
            "leaf index": try sqlite(path, "SELECT pageno FROM dbstat WHERE name = 'item_id' AND pagetype = 'leaf'"),
            "overflow": try sqlite(path, "SELECT pageno FROM dbstat WHERE pagetype = 'overflow'"),
            "free": try sqlite(
                path,
                """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(sound.pages))
                SELECT i FROM n WHERE i NOT IN (SELECT pageno FROM dbstat) LIMIT 8
                """),
            "first": ["1"],
        ]
        var random = SplitMix(seed: 7)
        for (kind, pages) in kinds {
            #expect(!pages.isEmpty, "no page is \(kind)")
            for page in pages.prefix(kind == "free" ? 8 : 3).compactMap({ Int($0) }) {
                let bit = (page - 1) * 32768 + Int(random.next() % 32768)
                var rewritten: Set<Int> = []
                let found = try findings(directory, rewritten: &rewritten) { $0.flip(bit) }
                if found == [], rewritten.contains(page) { continue }
                let named = found.filter { $0.contains("page \(page) of \(path) is damaged") || page == 1 }
                #expect(named.count >= 1, "\(kind): bit \(bit): \(found)")
                switch kind {
                case "free": #expect(named.first?.hasSuffix("it is free, so nothing is lost") == true, "\(found)")
                case "leaf table", "overflow":
                    #expect(named.first?.contains("summaries of messages") == true, "\(found)")
                case "leaf index": #expect(named.first?.contains("the index item_id") == true, "\(found)")
                case "inner index": #expect(named.first?.contains("way to messages") == true, "\(found)")
                default: break
                }
            }
        }
        // The file's own header, every bit; the last 4 bytes are the checksum.
        for bit in stride(from: 0, to: 800, by: 7) {
            #expect(try findings(directory) { $0.flip(bit) } != [], "bit \(bit)")
        }
        for page in [2, sound.pages] {
            for bit in 0..<32 { #expect(try findings(directory) { $0.flip(page * 32768 - 1 - bit) } != []) }
        }
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func twoHundredBitsAndSwappedPagesAreFoundAndSQLiteAloneMissesSome() async throws {
        let store = try await folderWithAllKinds()
        let directory = store.directory
        let sound = try PageChecksumFile(directory)
        var random = SplitMix(seed: 11)
        var (missed, unneeded) = (0, 0)
        var rewritten: Set<Int> = []
        for _ in 0..<220 {
            let bit = Int(random.next() % UInt64(sound.bytes.count * 8))
            let found = try findings(directory, rewritten: &rewritten) { file in
                file.flip(bit)
                try file.write()
                if integrityCheck(file.url.path) == ["ok"] { missed += 1 }
            }
            if found == [], rewritten.contains(bit / 32768 + 1) {
                unneeded += 1
            } else {
                #expect(found != [], "bit \(bit)")
            }
        }
        #expect(unneeded < 20)
        // The reason why there are checksums.
        #expect(missed > 20)
        for _ in 0..<20 {
            let first = 2 + Int(random.next() % UInt64(sound.pages - 2))
            let second = first == 2 ? 3 : 2
            guard sound.page(first) != sound.page(second), rewritten.isDisjoint(with: [first, second]) else { continue }
            let found = try findings(directory) { $0.swapPages(first, second) }
            if found.first?.hasPrefix("cannot be opened") == true { continue }
            for page in [first, second] { #expect(found.contains { $0.contains("page \(page) of") }, "\(found)") }
        }
        // Pages that are gone, and pages of zeros.
        #expect(try findings(directory) { $0.bytes.removeLast(4096) } != [])
        #expect(
            try findings(directory) { $0.bytes.replaceSubrange(4096..<8192, with: [UInt8](repeating: 0, count: 4096)) }
                != [])
        #expect(try findings(directory) { _ in } == [])
        try FileManager.default.removeItem(atPath: directory)
    }

    @Test func whatADamagedPageDoesNotTouchGoesOn() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await store.fill(600)
        for number in 0..<20 {
            _ = try await store.shard.deliver(store.delivery("D\(number)", store.message(number), to: [store.bob]))
        }
        await store.shard.close()
        let path = store.directory + "/store.sqlite"
        // A page among alice's messages, not beside bob's: adding to a full page shares its rows with its neighbours.
        let pages = try sqlite(
            path, "SELECT pageno FROM dbstat WHERE name = 'item' AND pagetype = 'leaf' ORDER BY path")
        let page = try #require(Int(pages[1]))
        var file = try PageChecksumFile(store.directory)
        file.flip(page * 32768 - 5000)
        try file.write()
        let shard = try await SQLiteShard.open(directory: store.directory, options: StoreFixture.options(store.clock))
        let alice = try await shard.account(store.alice.id)
        let isDamage: @Sendable (any Error) -> Bool = { error in
            if case StoreError.damaged(let text) = error { text.contains("page \(page) of \(path)") } else { false }
        }
        await #expect(performing: { try await alice.mailbox(SystemFolder.inbox) }, throws: isDamage)
        await #expect(
            performing: { try await alice.expunge(UIDSet([1...600]), in: SystemFolder.inbox, onlyDeleted: false) },
            throws: isDamage)
        // Jobs of one transaction: only what needs the page fails.
        let body = Array("Subject: x\r\n\r\nx\r\n".utf8)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                let isAlice = number % 2 == 0
                group.addTask {
                    let account = try await shard.account(isAlice ? store.alice.id : store.bob.id)
                    do {
                        if isAlice {
                            _ = try await account.expunge(UIDSet([1...600]), in: SystemFolder.inbox, onlyDeleted: false)
                        } else {
                            let stager = shard.stage(expectedSize: nil)
                            try await stager.write(ByteBuffer(bytes: body))
                            _ = try await account.append(
                                [NewMessage(stager.finish(), received: store.clock.now)], to: SystemFolder.inbox)
                        }
                        return !isAlice
                    } catch {
                        return isAlice && isDamage(error)
                    }
                }
            }
            for try await isAsExpected in group { #expect(isAsExpected) }
        }
        #expect(try await shard.account(store.bob.id).mailbox(SystemFolder.inbox).count == 40)
        await shard.close()
        #expect(try PageChecksumFile(store.directory).unsound == [page])
        try FileManager.default.removeItem(atPath: store.directory)
    }
}

/// A small generator of numbers, so that a test repeats itself.
struct SplitMix {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
