import ContentStore
import Foundation
import MailModel
import MailStore
import NIOCore
import SQLiteEngine
import Synchronization
import Testing

/// A database whose commits fail when told to.
private final class FailingDatabase: SQLDatabase {
    enum Failure {
        /// The commit does not happen, and a roll back works.
        case refused
        /// The commit happens, but the answer is an error.
        case unknown
        case beginning
        /// One commit fails, what comes after it works.
        case once
        /// The shard's own row cannot be written.
        case counters
    }

    let armed = Mutex<Failure?>(nil)
    /// What began and ended transactions since the last failure.
    let executed = Mutex<[String]>([])
    private let inner: SQLiteDatabase
    var dialect: SQLDialect { inner.dialect }

    init(_ inner: SQLiteDatabase) { self.inner = inner }

    func openReader() throws(SQLError) -> any SQLConnection { try inner.openReader() }

    func openWriter() throws(SQLError) -> any SQLConnection {
        FailingConnection(try inner.openWriter(), self)
    }
}

private final class FailingConnection: SQLConnection {
    private let inner: any SQLConnection
    private let database: FailingDatabase

    init(_ inner: any SQLConnection, _ database: FailingDatabase) {
        self.inner = inner
        self.database = database
    }

    func execute(_ text: String) throws(SQLError) {
        let failure = database.armed.withLock { $0 }
        if text.hasPrefix("COMMIT"), let failure, failure != .beginning, failure != .counters {
            if failure == .unknown { try inner.execute(text) }
            if failure == .once { database.armed.withLock { $0 = nil } }
            database.executed.withLock { $0 = [] }
            throw SQLError(.other, "disk I/O error")
        }
        if text.hasPrefix("BEGIN"), failure == .beginning { throw SQLError(.other, "disk I/O error") }
        try inner.execute(text)
        database.executed.withLock { $0.append(text) }
    }

    func access<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result { try inner.access(body) }
    func statement(_ statement: StoreStatement) throws(SQLError) -> any SQLStatement {
        if statement == .updateShard, database.armed.withLock({ $0 == .counters }) {
            throw SQLError(.full, "disk is full")
        }
        return try inner.statement(statement)
    }
    func checkIntegrity() throws(SQLError) -> [String] { try inner.checkIntegrity() }
    func checkpoint() throws(SQLError) { try inner.checkpoint() }
    func close() { inner.close() }
}

@Suite struct FailingCommitTests {
    private func isUnavailable(_ error: any Error) -> Bool {
        if case StoreError.unavailable = error { true } else { false }
    }

    /// A store whose database can fail, with alice in it.
    private func withStore(
        _ body: (DatabaseShard, FailingDatabase, StoreFixture) async throws -> Void
    ) async throws {
        let store = try await StoreFixture.make(.sqlite) { $0.objectThreshold = 300_000 }
        await store.shard.close()
        let path = store.directory
        let database = FailingDatabase(SQLiteDatabase(path: path + "/store.sqlite", waitsForDisk: false))
        let options = StoreFixture.options(store.clock) { $0.objectThreshold = 300_000 }
        let shard = try await DatabaseShard.open(
            database, directory: path, lock: DataFolderLock(folder: path), options: options)
        try await body(shard, database, store)
        await shard.close()
        let again = try await SQLiteShard.open(directory: path, options: options)
        #expect(try await again.verify(repair: false) { _, _ in }.findings == [])
        await again.close()
        try FileManager.default.removeItem(atPath: path)
    }

    private func delivery(_ id: String, _ bytes: [UInt8], _ shard: DatabaseShard, _ store: StoreFixture) async throws
        -> NewDelivery
    {
        let stager = shard.stage(expectedSize: nil)
        try await stager.write(ByteBuffer(bytes: bytes))
        return NewDelivery(
            id: DeliveryID(id), message: try await stager.finish(), sender: nil, received: store.clock.now,
            local: [
                LocalPlacement(account: store.alice.id, folder: SystemFolder.inbox, recipient: store.alice.address)
            ],
            remote: [], trace: [])
    }

    private var small: [UInt8] { Array("Subject: small\r\n\r\nx\r\n".utf8) }
    private var large: [UInt8] {
        Array("Subject: large\r\n\r\n".utf8) + (0..<700_000).map { _ in UInt8.random(in: 33...126) }
    }

    @Test(arguments: [false, true]) func refusedCommitsLeaveNothing(_ isLarge: Bool) async throws {
        try await withStore { shard, database, store async throws in
            let account = try await shard.account(store.alice.id)
            let content = isLarge ? large : small
            let delivery = try await delivery("D1", content, shard, store)
            for failure in [FailingDatabase.Failure.refused, .beginning] {
                database.armed.withLock { $0 = failure }
                await #expect(performing: { try await shard.deliver(delivery) }, throws: isUnavailable)
            }
            database.armed.withLock { $0 = nil }
            #expect(try await account.mailbox(SystemFolder.inbox).count == 0)
            guard case .stored(let item) = try await shard.deliver(delivery).outcomes[0] else {
                Issue.record("the second try is not stored")
                return
            }
            #expect(try await bytes(of: item, in: account) == content)
            #expect(try await account.mailbox(SystemFolder.inbox).uid(at: 0) == 1)
        }
    }

    /// Of a commit whose sync has failed, the log may hold all: another transaction has to take its place before the answer.
    @Test func aFailedCommitIsOverwrittenInTheLog() async throws {
        try await withStore { shard, database, store async throws in
            func nextTrace() throws -> Int64 {
                let reader = try database.openReader()
                defer { reader.close() }
                let statement = try reader.statement(.selectShard)
                defer { statement.finish() }
                #expect(try statement.step())
                return statement.integer(4)
            }
            let before = try nextTrace()
            let account = try await shard.account(store.alice.id)
            database.armed.withLock { $0 = .once }
            await #expect(
                performing: {
                    try await account.createFolder(named: "Ghost", in: SystemFolder.top, kind: .mail, role: nil)
                }, throws: isUnavailable)
            #expect(database.executed.withLock { $0 } == ["ROLLBACK", "BEGIN IMMEDIATE", "COMMIT"])
            // A row that had stayed as it was would not have been written.
            #expect(try nextTrace() > before)
            #expect(try await account.folders().contains { $0.name == "Ghost" } == false)
        }
    }

    /// Numbers that a failed batch has used are not written by one who only reads.
    @Test func readingNeedsNoRoomAfterAFailure() async throws {
        try await withStore { shard, database, store async throws in
            let delivery = try await delivery("D1", small, shard, store)
            database.armed.withLock { $0 = .counters }
            await #expect(throws: StoreError.diskFull("disk is full")) { try await shard.deliver(delivery) }
            // The first use of an account goes by way of the writer.
            #expect(try await shard.account(store.bob.id).folders().isEmpty == false)
            database.armed.withLock { $0 = nil }
            guard case .stored = try await shard.deliver(delivery).outcomes[0] else {
                Issue.record("it is not stored")
                return
            }
        }
    }

    @Test(arguments: [false, true]) func unknownCommitsAreFoundByTheDeliveryID(_ isLarge: Bool) async throws {
        try await withStore { shard, database, store async throws in
            let account = try await shard.account(store.alice.id)
            let content = isLarge ? large : small
            let first = try await delivery("D1", content, shard, store)
            database.armed.withLock { $0 = .unknown }
            await #expect(performing: { try await shard.deliver(first) }, throws: isUnavailable)
            database.armed.withLock { $0 = nil }
            let repeated = try await delivery("D1", content, shard, store)
            #expect(try await shard.deliver(repeated).outcomes == [.duplicate])
            _ = try await shard.deliver(delivery("D2", small, shard, store))
            let inbox = try await account.mailbox(SystemFolder.inbox)
            #expect(inbox.count == 2)
            let row = try #require(inbox.row(at: 0))
            #expect(try await bytes(of: row.item, in: account) == content)
        }
    }
}
