import ContentStore
import Foundation
import GRDBSQLite
import MailModel
import MailStore
import SQLiteEngine
import Testing

/// A store with something of everything, closed, for tests that damage its files.
struct DamageFixture {
    let store: StoreFixture
    /// As clients saw it before the damage.
    let before: StoreContents
    /// Content id of the message in its own object file.
    let object: Int64

    var directory: String { store.directory }

    static func make(large: Bool = true) async throws -> DamageFixture {
        let store = try await StoreFixture.make(.sqlite) { options in
            options.segmentLimit = 1500
            options.objectThreshold = 40_000
        }
        let account = try await store.account()
        let work = try await account.createFolder(named: "Arbeit", in: SystemFolder.top, kind: .mail, role: nil)
        let nested = try await account.createFolder(named: "Übersicht 日本", in: work.id, kind: .mail, role: nil)
        try await store.fill(6, flags: MessageFlags(.flagged, keywords: [Keyword("Later"), Keyword("$Work")]))
        try await store.fill(3, nested.id, flags: MessageFlags(.seen))
        _ = try await account.copy(UIDSet([1...2]), from: SystemFolder.inbox, to: nested.id)
        _ = try await account.move(UIDSet([3...3]), from: SystemFolder.inbox, to: work.id)
        _ = try await account.expunge(UIDSet([4...4]), in: SystemFolder.inbox, onlyDeleted: false)
        _ = try await store.shard.deliver(
            store.delivery("D1", store.message(50), to: [store.alice, store.bob], remote: ["carol@elsewhere.example"]))
        _ = try await store.shard.deliver(
            store.delivery("D2", store.message(51), to: [], remote: ["dave@elsewhere.example"]))
        if large {
            var noise = SystemRandomNumberGenerator()
            let bytes =
                Array("Subject: large\r\n\r\n".utf8)
                + (0..<60_000).map { _ in UInt8.random(in: 32...126, using: &noise) }
            // Above the threshold only what is spooled becomes an object.
            let spooled = bytes + (0..<300_000).map { _ in UInt8.random(in: 32...126, using: &noise) }
            _ = try await account.append(
                [NewMessage(try await store.stage(spooled), received: store.clock.now)], to: SystemFolder.inbox)
        }
        try await store.shard.directory.setAlias(
            AliasRecord(
                address: address("team@example.test"), targets: [store.alice.address, store.bob.address], isGroup: true),
            actor: .commandLine)
        try await store.shard.directory.setSetting("secret", to: [1, 2, 3], tenant: nil, actor: .system)
        let before = try await StoreContents.read(store.shard)
        await store.shard.close()
        let objects = try FileManager.default.contentsOfDirectory(atPath: store.directory + "/objects")
        return DamageFixture(store: store, before: before, object: objects.compactMap { Int64($0) }.max() ?? 0)
    }

    func options() -> StoreOptions {
        StoreFixture.options(store.clock) { options in
            options.segmentLimit = 1500
            options.objectThreshold = 40_000
        }
    }

    func open() async throws -> SQLiteShard {
        try await SQLiteShard.open(directory: directory, options: options())
    }

    func verify(repair: Bool = false) async throws -> VerifyReport {
        let shard = try await open()
        let report: VerifyReport
        do {
            report = try await shard.verify(repair: repair) { done, total in #expect(done <= total) }
        } catch {
            await shard.close()
            throw error
        }
        await shard.close()
        return report
    }

    func execute(_ sql: String) throws { try Self.execute(sql, directory) }

    static func execute(_ sql: String, _ directory: String) throws {
        let database = SQLiteDatabase(path: directory + "/store.sqlite", waitsForDisk: false)
        let connection = try database.openWriter()
        defer { connection.close() }
        try connection.execute(sql)
    }

    func path(_ name: String) -> String { directory + "/" + name }

    func edit(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        let url = URL(filePath: path(name))
        var bytes = Array(try Data(contentsOf: url))
        body(&bytes)
        try Data(bytes).write(to: url)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []).sorted()
    }

    /// Where the content of a message lies.
    func record(_ query: String) throws -> ContentLocation {
        var database: OpaquePointer?
        try #require(sqlite3_open_v2(path("store.sqlite"), &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
        defer { sqlite3_close(database) }
        var statement: OpaquePointer?
        try #require(
            sqlite3_prepare_v2(
                database, "SELECT id, segment, start, length FROM content WHERE \(query)", -1, &statement, nil)
                == SQLITE_OK)
        defer { sqlite3_finalize(statement) }
        try #require(sqlite3_step(statement) == SQLITE_ROW)
        return ContentLocation(
            contentID: sqlite3_column_int64(statement, 0), segment: sqlite3_column_int64(statement, 1),
            offset: sqlite3_column_int64(statement, 2), length: sqlite3_column_int64(statement, 3))
    }

    func end() throws { try FileManager.default.removeItem(atPath: directory) }
}

/// Everything that clients see: folders by path, with what is in them.
struct StoreContents: Equatable {
    struct Message: Hashable {
        let uid: UInt32
        let item: ItemID
        let email: EmailID
        let thread: ThreadID
        let flags: SystemFlags
        let keywords: Set<Keyword>
        let received: Int64
        let size: Int
        /// Of all bytes.
        let hash: UInt64
    }

    struct Mailbox: Equatable {
        var uidValidity: UInt32
        var uidNext: UInt32
        var messages: [Message]
    }

    /// By address, then by path.
    var accounts: [String: [String: Mailbox]] = [:]

    static func read(_ shard: any Shard) async throws -> StoreContents {
        var contents = StoreContents()
        for record in try await shard.directory.accounts(after: nil, limit: 1000) {
            let account = try await shard.account(record.id)
            var mailboxes: [String: Mailbox] = [:]
            let folders = try await account.folders()
            for folder in folders where folder.kind == .mail {
                var path = [folder.name]
                var next = folder.parent
                while let parent = next.flatMap({ id in folders.first { $0.id == id } }), parent.id != SystemFolder.top,
                    parent.id != SystemFolder.root
                {
                    path.append(parent.name)
                    next = parent.parent
                }
                let snapshot = try await account.mailbox(folder.id)
                var messages: [Message] = []
                for index in 0..<snapshot.count {
                    guard let row = snapshot.row(at: index) else { continue }
                    let identity = try #require(try await account.identities(of: [row.item])[0])
                    let bytes = (try? await SQLiteEngineTests.bytes(of: row.item, in: account)) ?? []
                    messages.append(
                        Message(
                            uid: row.uid, item: row.item, email: identity.email, thread: identity.thread,
                            flags: row.flags, keywords: snapshot.keywordSets[row.keywordSet], received: row.received,
                            size: bytes.count,
                            hash: bytes.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }))
                }
                mailboxes[path.reversed().joined(separator: "/")] = Mailbox(
                    uidValidity: folder.uidValidity, uidNext: folder.uidNext, messages: messages)
            }
            contents.accounts[record.address.key] = mailboxes
        }
        return contents
    }
}
