import ContentStore
import Foundation
import MailModel
import MailStore
import NIOCore
import SQLiteEngine
import Testing

/// docs/crash-states.md, state by state: a copy of the data folder as a kill leaves it is opened again.
@Suite struct CrashStateTests {
    /// A copy of the folder of a store that is running, as a kill would leave it.
    private func copy(of store: StoreFixture) throws -> String {
        let path = StoreFixture.temporaryDirectory()
        try FileManager.default.copyItem(atPath: store.directory, toPath: path)
        return path
    }

    private func reopen(
        _ path: String, _ store: StoreFixture, _ body: (SQLiteShard, any AccountStore) async throws -> Void
    ) async throws {
        let shard = try await SQLiteShard.open(directory: path, options: StoreFixture.options(store.clock))
        try await body(shard, try await shard.account(store.alice.id))
        await shard.close()
        try FileManager.default.removeItem(atPath: path)
    }

    private func names(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? []
    }

    private func large(_ count: Int) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return Array("Subject: large\r\n\r\n".utf8)
            + (0..<count).map { _ in UInt8.random(in: 32...126, using: &random) }
    }

    @Test func stagedMessagesLeaveNothing() async throws {
        let store = try await StoreFixture.make(.sqlite)
        let small = try await store.stage(store.message(1))
        let spooled = try await store.stage(large(600_000))
        #expect(names(store.directory + "/spool").count == 1)
        let path = try copy(of: store)
        try await reopen(path, store) { shard, account async throws in
            #expect(names(path + "/spool").isEmpty)
            #expect(try await account.mailbox(SystemFolder.inbox).count == 0)
        }
        withExtendedLifetime((small, spooled)) {}
        await store.end()
    }

    @Test func droppedMessagesLeaveNoSpoolFile() async throws {
        let store = try await StoreFixture.make(.sqlite)
        do {
            _ = try await store.stage(large(600_000))
        }
        #expect(names(store.directory + "/spool").isEmpty)
        await store.end()
    }

    @Test func committedMailSurvivesAKill() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await store.fill(3, flags: MessageFlags(.flagged, keywords: [Keyword("Later")]))
        let account = try await store.account()
        let folder = try await account.createFolder(named: "Kept", in: SystemFolder.top, kind: .mail, role: nil)
        _ = try await account.move(UIDSet([2...2]), from: SystemFolder.inbox, to: folder.id)
        _ = try await store.shard.deliver(
            store.delivery("D1", store.message(7), to: [store.bob], remote: ["x@elsewhere.example"]))
        let path = try copy(of: store)
        let inbox = try await account.mailbox(SystemFolder.inbox)
        let folders = try await account.folders()
        try await reopen(path, store) { shard, account async throws in
            #expect(try await account.folders() == folders)
            let again = try await account.mailbox(SystemFolder.inbox)
            #expect((0..<again.count).map { again.row(at: $0) } == (0..<inbox.count).map { inbox.row(at: $0) })
            #expect(again.keywordSets[1] == [Keyword("later")])
            #expect(try await shard.queue.count() == 1)
            // A repetition of what was committed, but not answered, is harmless.
            let staged = shard.stage(expectedSize: nil)
            let delivery = NewDelivery(
                id: DeliveryID("D1"), message: try await staged.finish(), sender: nil, received: store.clock.now,
                local: [
                    LocalPlacement(account: store.bob.id, folder: SystemFolder.inbox, recipient: store.bob.address)
                ],
                remote: [], trace: [])
            #expect(try await shard.deliver(delivery).outcomes == [.duplicate])
            #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
        }
        await store.end()
    }

    @Test func uncommittedRecordsAreDeadSpace() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await store.fill(2)
        let path = try copy(of: store)
        // A whole record without a row, then a torn one.
        let segment = path + "/content/00000001.seg"
        let data = try Data(contentsOf: URL(filePath: segment))
        let record = data[64..<300]
        try (data + record + record.prefix(100)).write(to: URL(filePath: segment))
        try await reopen(path, store) { shard, account async throws in
            #expect(try await account.mailbox(SystemFolder.inbox).count == 2)
            let item = try await append(to: account, shard, "Subject: after\r\n\r\nx\r\n", store)
            #expect(names(path + "/content") == ["00000001.seg", "00000002.seg"])
            #expect(try await bytes(of: item, in: account) == Array("Subject: after\r\n\r\nx\r\n".utf8))
            #expect(try Data(contentsOf: URL(filePath: segment)).count == data.count + record.count + 100)
            #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
        }
        await store.end()
    }

    private func append(
        to account: any AccountStore, _ shard: SQLiteShard, _ text: String, _ store: StoreFixture
    ) async throws -> ItemID {
        let stager = shard.stage(expectedSize: nil)
        try await stager.write(ByteBuffer(string: text))
        return try await account.append(
            [NewMessage(stager.finish(), received: store.clock.now)], to: SystemFolder.inbox
        ).items[0]
    }

    @Test func wholeSegmentsAreGoneOnWith() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await store.fill(2)
        let path = try copy(of: store)
        try await reopen(path, store) { shard, account async throws in
            _ = try await append(to: account, shard, "Subject: after\r\n\r\nx\r\n", store)
            #expect(names(path + "/content") == ["00000001.seg"])
            #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
        }
        await store.end()
    }

    @Test func tornSegmentHeadersAreLeftAlone() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await store.fill(1)
        let path = try copy(of: store)
        try Data("MART".utf8).write(to: URL(filePath: path + "/content/00000002.seg"))
        try await reopen(path, store) { shard, account async throws in
            _ = try await append(to: account, shard, "Subject: after\r\n\r\nx\r\n", store)
            #expect(names(path + "/content") == ["00000001.seg", "00000002.seg", "00000003.seg"])
        }
        await store.end()
    }

    @Test func objectsWithoutRowsArePutAway() async throws {
        let store = try await StoreFixture.make(.sqlite) { $0.objectThreshold = 300_000 }
        let content = large(900_000)
        let message = try await store.stage(content)
        let account = try await store.account()
        let item = try await account.append([NewMessage(message, received: store.clock.now)], to: SystemFolder.inbox)
            .items[0]
        #expect(names(store.directory + "/objects") == ["1"])
        #expect(try await bytes(of: item, in: account) == content)
        let path = try copy(of: store)
        try FileManager.default.copyItem(atPath: path + "/objects/1", toPath: path + "/objects/99")
        try await reopen(path, store) { shard, account async throws in
            #expect(names(path + "/objects") == ["1", "99.orphan"])
            #expect(try await bytes(of: item, in: account) == content)
            #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
            // They go once nobody can have an older index to go with them.
            let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
            _ = try await shard.purge(now: now.adding(seconds: 13 * 86400))
            #expect(names(path + "/objects") == ["1", "99.orphan"])
            _ = try await shard.purge(now: now.adding(seconds: 15 * 86400))
            #expect(names(path + "/objects") == ["1"])
        }
        await store.end()
    }

    @Test func purgedFilesThatAKillLeftArePutAway() async throws {
        let store = try await StoreFixture.make(.sqlite) {
            $0.objectThreshold = 300_000
            $0.segmentLimit = 1
        }
        let account = try await store.account()
        try await store.fill(1)
        try await store.fill(1)
        _ = try await account.append(
            [NewMessage(try await store.stage(large(900_000)), received: store.clock.now)], to: SystemFolder.inbox)
        #expect(names(store.directory + "/content").count == 2)
        _ = try await account.expunge(UIDSet([1...1, 3...3]), in: SystemFolder.inbox, onlyDeleted: false)
        let before = try copy(of: store)
        store.clock.advance(days: 15)
        #expect(try await store.shard.purge(now: store.clock.now).items == 2)
        #expect(names(store.directory + "/content") == ["00000002.seg"])
        #expect(names(store.directory + "/objects").isEmpty)
        // Rows gone, files still there.
        let path = try copy(of: store)
        try FileManager.default.copyItem(atPath: before + "/objects/3", toPath: path + "/objects/3")
        try FileManager.default.removeItem(atPath: before)
        try await reopen(path, store) { shard, account async throws in
            #expect(names(path + "/objects") == ["3.orphan"])
            #expect(try await account.mailbox(SystemFolder.inbox).count == 1)
            #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
        }
        await store.end()
    }

    @Test func oneOwnerAtATime() async throws {
        let store = try await StoreFixture.make(.sqlite)
        let directory = store.directory
        await #expect(throws: StoreError.locked("the data folder \(directory) is in use by process \(getpid())")) {
            try await SQLiteShard.open(directory: directory, options: StoreFixture.options(store.clock))
        }
        await store.shard.close()
        try await reopen(directory, store) { _, account async throws in #expect(try await account.folders().count == 21)
        }
    }

    @Test func filesAreTheOwnersOnly() async throws {
        let store = try await StoreFixture.make(.sqlite)
        try await store.fill(1)
        for name in ["lock", "store.sqlite", "store.sqlite-wal", "content/00000001.seg"] {
            let mode = try FileManager.default.attributesOfItem(atPath: store.directory + "/" + name)[.posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o600, "\(name)")
        }
        for name in ["", "content", "objects", "spool"] {
            let mode = try FileManager.default.attributesOfItem(atPath: store.directory + "/" + name)[.posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o700, "\(name)")
        }
        await store.end()
    }
}
