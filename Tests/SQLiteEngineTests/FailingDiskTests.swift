import ContentStore
import Foundation
import MailModel
import MailStore
import SQLiteEngine
import Synchronization
import Testing

/// A disk that can be told to fail.
final class FailingDisk: Sendable {
    private let state = Mutex<(write: Int32?, sync: Int32?, link: Int32?)>((nil, nil, nil))
    let syncs = Mutex(0)
    /// Requests begun, and how many of them a sync waits for: so that they share the next batch.
    let begun = Monitor((count: 0, awaited: 0))

    func fail(write: Int32? = nil, sync: Int32? = nil, link: Int32? = nil) {
        state.withLock { $0 = (write, sync, link) }
    }
    func heal() { fail() }

    func install(_ options: inout StoreOptions) {
        options.waitsForDisk = true
        options.files = files
    }

    private var files: FileOperations {
        var files = FileOperations()
        let real = FileOperations()
        files.write = { [self] descriptor, bytes, offset throws(ContentError) in
            if let code = state.withLock({ $0.write }) {
                // A full disk takes a part.
                try real.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2)), offset)
                throw ContentError.io("write", code)
            }
            try real.write(descriptor, bytes, offset)
        }
        files.sync = { [self] descriptor throws(ContentError) in
            syncs.withLock { $0 += 1 }
            begun.wait { $0.count >= $0.awaited ? () : nil }
            if let code = state.withLock({ $0.sync }) { throw ContentError.io("fdatasync", code) }
            try real.sync(descriptor)
        }
        files.link = { [self] from, to throws(ContentError) in
            if let code = state.withLock({ $0.link }) { throw ContentError.io("link", code) }
            try real.link(from, to)
        }
        return files
    }
}

@Suite struct FailingDiskTests {
    private func isUnavailable(_ error: any Error) -> Bool {
        switch error {
        case StoreError.unavailable, StoreError.diskFull: true
        default: false
        }
    }

    /// Fails one append, then heals; nothing of the failed one may be seen, and the rest must go on.
    private func check(
        _ disk: FailingDisk, _ store: StoreFixture, _ text: [UInt8], fail: (FailingDisk) -> Void
    ) async throws {
        let account = try await store.account()
        try await store.fill(1)
        let before = try await account.mailbox(SystemFolder.inbox)
        let folder = try await account.folder(SystemFolder.inbox)
        let message = try await store.stage(text)
        fail(disk)
        await #expect(
            performing: {
                try await account.append([NewMessage(message, received: store.clock.now)], to: SystemFolder.inbox)
            }, throws: isUnavailable)
        disk.heal()
        #expect(try await account.mailbox(SystemFolder.inbox) === before)
        #expect(try await account.folder(SystemFolder.inbox) == folder)
        #expect(try await account.quota().messages == 1)
        // The same staged message again.
        let result = try await account.append([NewMessage(message, received: store.clock.now)], to: SystemFolder.inbox)
        #expect(result.uids == [2])
        #expect(try await bytes(of: result.items[0], in: account) == text)
        #expect(try await store.shard.verify(repair: false) { _, _ in }.findings == [])
        #expect(try await account.mailbox(SystemFolder.inbox).count == 2)
    }

    @Test(arguments: [ENOSPC, EIO]) func failingWrite(_ code: Int32) async throws {
        let disk = FailingDisk()
        let store = try await StoreFixture.make(.sqlite) { disk.install(&$0) }
        try await check(disk, store, Array(store.message(2).utf8)) { $0.fail(write: code) }
        await store.end()
    }

    @Test func failingSyncIsNeverAskedAgain() async throws {
        let disk = FailingDisk()
        let store = try await StoreFixture.make(.sqlite) { disk.install(&$0) }
        try await check(disk, store, Array(store.message(2).utf8)) { $0.fail(sync: EIO) }
        let item = try await store.fill(1).items[0]
        let account = try await store.account()
        #expect(try await bytes(of: item, in: account).count > 0)
        // The segment whose sync failed is given up.
        #expect(try await store.shard.verify(repair: false) { _, _ in }.findings == [])
        await store.end()
    }

    @Test func failingObject() async throws {
        let disk = FailingDisk()
        let store = try await StoreFixture.make(.sqlite) {
            disk.install(&$0)
            $0.objectThreshold = 300_000
        }
        let text = Array("Subject: x\r\n\r\n".utf8) + (0..<700_000).map { _ in UInt8.random(in: 33...126) }
        try await check(disk, store, text) { $0.fail(link: EIO) }
        await store.end()
    }

    @Test func spoolingFailsTheMessageOnly() async throws {
        let disk = FailingDisk()
        let store = try await StoreFixture.make(.sqlite) { disk.install(&$0) }
        disk.fail(write: ENOSPC)
        await #expect(
            performing: {
                try await store.stage([UInt8](repeating: 65, count: 600_000))
            }, throws: isUnavailable)
        disk.heal()
        try await store.fill(1)
        await store.end()
    }

    @Test func aFullDiskIsToldApart() async throws {
        let disk = FailingDisk()
        let store = try await StoreFixture.make(.sqlite) { disk.install(&$0) }
        let account = try await store.account()
        let message = NewMessage(try await store.stage(store.message(1)), received: store.clock.now)
        for code in [ENOSPC, EDQUOT] {
            disk.fail(write: code)
            await #expect {
                try await account.append([message], to: SystemFolder.inbox)
            } throws: { error in
                if case StoreError.diskFull = error { true } else { false }
            }
        }
        // Refused mail leaves no files behind that would make it worse.
        let segments = try FileManager.default.contentsOfDirectory(atPath: store.directory + "/content")
        #expect(segments.isEmpty)
        await store.end()
    }

    /// Who sets a flag does not fail with those whose mail cannot be written, though they share a batch.
    @Test func changesWithoutContentGoOn() async throws {
        let disk = FailingDisk()
        let store = try await StoreFixture.make(.sqlite) { disk.install(&$0) }
        let account = try await store.account()
        try await store.fill(20)
        let message = NewMessage(try await store.stage(store.message(99)), received: store.clock.now)
        disk.fail(sync: EIO)
        disk.begun.broadcast { $0 = (0, 40) }
        let (appended, flagged) = await withTaskGroup(of: (Int, Int).self) { group in
            for number in 0..<40 {
                group.addTask {
                    disk.begun.broadcast { $0.count += 1 }
                    if number % 2 == 0 {
                        return ((try? await account.append([message], to: SystemFolder.inbox)) != nil ? 1 : 0, 0)
                    }
                    let uid = UInt32(number / 2 + 1)
                    let done = try? await account.changeFlags(
                        .add(MessageFlags(.flagged)), of: UIDSet([uid...uid]), in: SystemFolder.inbox,
                        unchangedSince: nil)
                    return (0, done != nil ? 1 : 0)
                }
            }
            return await group.reduce(into: (0, 0)) { $0 = ($0.0 + $1.0, $0.1 + $1.1) }
        }
        #expect(appended == 0)
        #expect(flagged == 20)
        disk.heal()
        #expect(try await store.shard.verify(repair: false) { _, _ in }.findings == [])
        await store.end()
    }

    @Test func newMailLeavesSomeRoom() async throws {
        let free = Mutex<Int64>(5 << 20)
        let store = try await StoreFixture.make(.sqlite) {
            $0.minimumFreeSpace = 10 << 20
            $0.files.freeSpace = { _ in free.withLock { $0 } }
        }
        let stager = store.shard.stage(expectedSize: 1000)
        #expect {
            try stager.admit()
        } throws: { error in
            if case StoreError.diskFull = error { true } else { false }
        }
        await #expect(performing: { try await store.stage(store.message(1)) }, throws: isUnavailable)
        let account = try await store.account()
        _ = try await account.createFolder(named: "Allowed", in: SystemFolder.top, kind: .mail, role: nil)
        await store.end()
    }

    @Test func oneFailingJobLeavesItsNeighbours() async throws {
        let store = try await StoreFixture.make(.sqlite, quota: 3000)
        let account = try await store.account()
        let big = try await store.stage(store.message(1, headers: "X: \(String(repeating: "x", count: 5000))\r\n"))
        let small = try await store.stage(store.message(2))
        let clock = store.clock
        let stored = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let message = NewMessage(
                        number % 2 == 0 ? big : small, flags: MessageFlags(keywords: [Keyword("k\(number)")]),
                        received: clock.now)
                    return (try? await account.append([message], to: SystemFolder.inbox)) != nil
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(stored == 20)
        let inbox = try await account.mailbox(SystemFolder.inbox)
        #expect(inbox.count == 20)
        #expect(try await store.shard.verify(repair: false) { _, _ in }.findings == [])
        await store.end()
    }
}
