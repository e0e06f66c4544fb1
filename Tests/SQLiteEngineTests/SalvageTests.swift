import ContentStore
import Foundation
import MailModel
import MailStore
import NIOCore
import SQLiteEngine
import Synchronization
import Testing

@Suite struct SalvageTests {
    private func salvage(_ fixture: DamageFixture, rehearsal: Bool = false) async throws -> SalvageReport {
        try await SQLiteShard.salvage(
            directory: fixture.directory, options: fixture.options(), isRehearsal: rehearsal
        ) { done, total in #expect(done <= total) }
    }

    private func removeIndex(_ fixture: DamageFixture) throws {
        for name in fixture.names("") where name.hasPrefix("store.sqlite") { try fixture.remove(name) }
    }

    private func contents(_ fixture: DamageFixture) async throws -> StoreContents {
        let shard = try await fixture.open()
        let contents = try await StoreContents.read(shard)
        await shard.close()
        return contents
    }

    /// Each folder has a UIDVALIDITY that is larger than all before.
    private func expectNewEpoch(_ after: StoreContents, since before: StoreContents) {
        for (address, mailboxes) in after.accounts {
            let last = before.accounts[address]?.values.map(\.uidValidity).max() ?? 0
            #expect(mailboxes.values.allSatisfy { $0.uidValidity > last }, "\(address)")
            #expect(Set(mailboxes.values.map(\.uidValidity)).count == mailboxes.count)
            for (path, mailbox) in mailboxes {
                #expect(Set(mailbox.messages.map(\.uid)).count == mailbox.messages.count)
                #expect(mailbox.uidNext > mailbox.messages.map(\.uid).max() ?? 0, "\(address) \(path)")
            }
        }
    }

    @Test func mailComesBackAsDelivered() async throws {
        let fixture = try await DamageFixture.make()
        try removeIndex(fixture)
        await #expect(throws: StoreError.self) { try await fixture.open() }
        #expect(fixture.names("objects") == ["\(fixture.object)"])
        let rehearsed = try await salvage(fixture, rehearsal: true)
        #expect(!fixture.names("").contains { $0.hasPrefix("store.sqlite") })
        let report = try await salvage(fixture)
        #expect(report.damage == [])
        #expect(report.messages == rehearsed.messages)
        #expect(report.oldIndex == nil)
        #expect(report.domainsMade == ["example.test"])
        #expect(report.queued == 2)
        let shard = try await fixture.open()
        let after = try await StoreContents.read(shard)
        expectNewEpoch(after, since: fixture.before)
        let alice = try #require(after.accounts["alice@example.test"])
        // The moved one is in its first folder again, the deleted one is back, copies are not.
        #expect(alice["INBOX"]?.messages.map(\.uid) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(alice["Arbeit/Übersicht 日本"]?.messages.map(\.uid) == [1, 2, 3])
        #expect(alice["Arbeit"]?.messages == [])
        #expect(after.accounts["bob@example.test"]?["INBOX"]?.messages.count == 1)
        let before = try #require(fixture.before.accounts["alice@example.test"]?["INBOX"])
        for message in before.messages {
            #expect(alice["INBOX"]?.messages.contains(message) == true, "\(message)")
        }
        #expect(
            alice["Arbeit/Übersicht 日本"]?.messages
                == Array(
                    try #require(
                        fixture.before.accounts["alice@example.test"]?["Arbeit/Übersicht 日本"]
                    ).messages.prefix(3)))
        let queue = try await shard.queue.list(QueueFilter(), after: nil, limit: 10)
        #expect(queue.map(\.state) == [.held, .held])
        #expect(Set(queue.map(\.recipient)) == ["carol@elsewhere.example", "dave@elsewhere.example"])
        #expect(try await shard.directory.credentials(of: fixture.store.alice.id) == [])
        #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
        // Life goes on: nothing new has an id that was given out.
        let account = try await shard.account(fixture.store.alice.id)
        let ids = Set(fixture.before.accounts.values.flatMap { $0.values.flatMap { $0.messages.map(\.item) } })
        let stager = shard.stage(expectedSize: nil)
        let item = try await account.append(
            [NewMessage(stager.finish(), received: fixture.store.clock.now)], to: SystemFolder.inbox
        ).items[0]
        #expect(!ids.contains(item) && item.rawValue > (ids.map(\.rawValue).max() ?? 0))
        await shard.close()
        try fixture.end()
    }

    /// The old index can be read: what was done since delivery stays.
    @Test func readableIndexKeepsFlagsAndFolders() async throws {
        let fixture = try await DamageFixture.make()
        let report = try await salvage(fixture)
        #expect(report.fromOldIndex > 0)
        #expect(report.accounts.values.allSatisfy { $0.isKnown })
        let name = try #require(report.oldIndex)
        #expect(fixture.names("").contains(name))
        let shard = try await fixture.open()
        let after = try await StoreContents.read(shard)
        expectNewEpoch(after, since: fixture.before)
        for (address, mailboxes) in fixture.before.accounts {
            #expect(Set(try #require(after.accounts[address]).keys) == Set(mailboxes.keys))
            for (path, mailbox) in mailboxes {
                #expect(after.accounts[address]?[path]?.messages == mailbox.messages, "\(address) \(path)")
                #expect(after.accounts[address]?[path]?.uidNext == mailbox.uidNext)
            }
        }
        let account = try await shard.account(fixture.store.alice.id)
        #expect(try await account.recoverable(limit: 10).count == 1)
        #expect(
            try await shard.directory.credentials(of: fixture.store.alice.id).map(\.credential.verifier) == [
                "$argon2id$x"
            ])
        #expect(try await shard.directory.alias(address: address("team@example.test"))?.targets.count == 2)
        #expect(
            try await shard.directory.alias(address: address("al@example.test"))?.targets == [
                fixture.store.alice.address
            ])
        #expect(try await shard.directory.setting("secret", tenant: nil) == [1, 2, 3])
        #expect(try await shard.queue.list(QueueFilter(), after: nil, limit: 10).map(\.state) == [.held, .held])
        #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
        await shard.close()
        try fixture.end()
    }

    /// Pages of the old index are destroyed, one after the other and all of them.
    @Test(arguments: [0.1, 0.3, 0.6, 1.0])
    func damagedIndexGivesWhatItCan(_ share: Double) async throws {
        let fixture = try await DamageFixture.make(large: false)
        var random = Seeded(state: UInt64(share * 100))
        try fixture.edit("store.sqlite") { bytes in
            for page in 0..<bytes.count / 4096 where Double(random.next() % 1000) < share * 1000 {
                for index in 0..<4096 { bytes[page * 4096 + index] = UInt8(truncatingIfNeeded: random.next()) }
            }
        }
        let report = try await salvage(fixture)
        #expect(report.damage == [])
        let shard = try await fixture.open()
        let after = try await StoreContents.read(shard)
        expectNewEpoch(after, since: fixture.before)
        // Every message is there, wherever.
        for (address, mailboxes) in fixture.before.accounts {
            let there = Set(after.accounts[address]?.values.flatMap { $0.messages.map(\.hash) } ?? [])
            for message in mailboxes.values.flatMap(\.messages) { #expect(there.contains(message.hash), "\(address)") }
        }
        #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
        await shard.close()
        try fixture.end()
    }

    /// A segment is damaged in the middle: what can be read comes back, the rest is said.
    @Test func damagedSegmentsGiveWhatTheyCan() async throws {
        let fixture = try await DamageFixture.make()
        let (header, payload, placements) = (
            try fixture.record("id = 2"), try fixture.record("id = 4"), try fixture.record("id = 8")
        )
        func segment(_ place: ContentLocation) -> String { "content/0000000\(place.segment).seg" }
        try fixture.edit(segment(header)) { $0[Int(header.offset) + 40] ^= 1 }
        try fixture.edit(segment(payload)) { $0[Int(payload.offset) + 140] ^= 1 }
        try fixture.edit(segment(placements)) { $0[Int(placements.offset + placements.length) - 20] ^= 1 }
        try fixture.edit("objects/\(fixture.object)") { $0[100_000] ^= 1 }
        try removeIndex(fixture)
        let report = try await salvage(fixture)
        #expect(report.damageCount == 4)
        #expect(report.damage.contains { $0.contains("alice@example.test") && $0.contains("UID 4") })
        #expect(report.keptFiles.count >= 1)
        for name in report.keptFiles { #expect(FileManager.default.fileExists(atPath: fixture.path(name))) }
        let after = try await contents(fixture)
        let alice = try #require(after.accounts["alice@example.test"])
        #expect(alice["INBOX"]?.messages.map(\.uid) == [1, 3, 5, 6, 7])
        #expect(alice["Arbeit/Übersicht 日本"]?.messages.map(\.uid) == [1, 3])
        for message in alice["INBOX"]?.messages ?? [] { #expect(message.size > 0) }
        let verified = try await fixture.verify()
        #expect(
            verified.findings.allSatisfy { $0.account == nil && $0.damage.contains("no") },
            "\(VerifyTests.text(verified))")
        try fixture.end()
    }

    /// A commit that did not happen has left a record whose ids were given again.
    @Test func idsGivenTwiceBelongToTheLater() async throws {
        let fixture = try await DamageFixture.make(large: false)
        let shard = try await fixture.open()
        let copy = StoreFixture.temporaryDirectory()
        try FileManager.default.copyItem(atPath: fixture.directory, toPath: copy)
        let early = try await append("Subject: never committed\r\n\r\nx\r\n", shard, fixture)
        await shard.close()
        // The index goes back to before, the segment stays.
        for name in fixture.names("") where name.hasPrefix("store.sqlite") { try fixture.remove(name) }
        try FileManager.default.copyItem(atPath: copy + "/store.sqlite", toPath: fixture.path("store.sqlite"))
        try FileManager.default.removeItem(atPath: copy)
        let again = try await fixture.open()
        let late = try await append("Subject: acknowledged\r\n\r\ny\r\n", again, fixture)
        #expect(early == late)
        await again.close()
        try removeIndex(fixture)
        #expect(try await salvage(fixture).damage == [])
        let opened = try await fixture.open()
        let account = try await opened.account(fixture.store.alice.id)
        #expect(try await bytes(of: late, in: account) == Array("Subject: acknowledged\r\n\r\ny\r\n".utf8))
        #expect(try await opened.verify(repair: false) { _, _ in }.findings == [])
        await opened.close()
        try fixture.end()
    }

    private func append(_ text: String, _ shard: any Shard, _ fixture: DamageFixture) async throws -> ItemID {
        let stager = shard.stage(expectedSize: nil)
        try await stager.write(.init(string: text))
        let account = try await shard.account(fixture.store.alice.id)
        return try await account.append(
            [NewMessage(stager.finish(), received: fixture.store.clock.now)], to: SystemFolder.inbox
        ).items[0]
    }

    @Test func removedAccountsStayAway() async throws {
        let fixture = try await DamageFixture.make(large: false)
        let shard = try await fixture.open()
        try await shard.directory.removeAccount(fixture.store.bob.id, actor: .commandLine)
        await shard.close()
        let report = try await salvage(fixture)
        #expect(report.ofRemovedAccounts == 1)
        #expect(try await contents(fixture).accounts.keys.sorted() == ["alice@example.test"])
        try fixture.end()
    }

    /// Twice in the same second, the index lost both times.
    @Test func noUIDIsGivenTwice() async throws {
        let fixture = try await DamageFixture.make(large: false)
        var last = fixture.before
        for _ in 0..<3 {
            try removeIndex(fixture)
            _ = try await salvage(fixture)
            let shard = try await fixture.open()
            _ = try await append("Subject: new\r\n\r\nx\r\n", shard, fixture)
            let now = try await StoreContents.read(shard)
            await shard.close()
            expectNewEpoch(now, since: last)
            last = now
        }
        try fixture.end()
    }

    @Test func nothingToSalvageIsSaid() async throws {
        let path = StoreFixture.temporaryDirectory()
        await #expect(throws: StoreError.self) {
            _ = try await SQLiteShard.salvage(directory: path, options: StoreFixture.options(TestClock())) { _, _ in }
        }
        try? FileManager.default.removeItem(atPath: path)
    }

    @Test func runningServerIsLeftAlone() async throws {
        let fixture = try await DamageFixture.make(large: false)
        let shard = try await fixture.open()
        await #expect(throws: StoreError.self) { _ = try await salvage(fixture) }
        await shard.close()
        try fixture.end()
    }

    // MARK: Kill

    /// A salvage that ends anywhere leaves the old state or the new one.
    @Test func killLeavesTheOldOrTheNew() async throws {
        let fixture = try await DamageFixture.make(large: false)
        for cut in 0..<12 {
            let path = StoreFixture.temporaryDirectory()
            try FileManager.default.copyItem(atPath: fixture.directory, toPath: path)
            let limit = cut
            let count = Counter()
            var options = fixture.options()
            @Sendable func stop() throws(ContentError) { if count.next() > limit { throw .io("killed", 5) } }
            options.waitsForDisk = true
            let (create, sync, link, syncDirectory) = (
                options.files.create, options.files.sync, options.files.link, options.files.syncDirectory
            )
            options.files.create = { path throws(ContentError) in
                try stop()
                return try create(path)
            }
            options.files.sync = { descriptor throws(ContentError) in
                try stop()
                try sync(descriptor)
            }
            options.files.link = { from, to throws(ContentError) in
                try stop()
                try link(from, to)
            }
            options.files.syncDirectory = { path throws(ContentError) in
                try stop()
                try syncDirectory(path)
            }
            var isDone = false
            do {
                _ = try await SQLiteShard.salvage(directory: path, options: options) { _, _ in }
                isDone = true
            } catch {}
            let shard = try await SQLiteShard.open(directory: path, options: fixture.options())
            let epoch = try await shard.directory.account(fixture.store.alice.id)?.epoch
            let after = try await StoreContents.read(shard)
            if isDone { #expect(epoch == 2) }
            for (address, mailboxes) in fixture.before.accounts {
                for (name, mailbox) in mailboxes {
                    let there = after.accounts[address]?[name]
                    #expect(there?.messages == mailbox.messages, "cut \(cut): \(address) \(name)")
                    #expect((there?.uidValidity == mailbox.uidValidity) == (epoch == 1))
                }
            }
            #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
            await shard.close()
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: path).allSatisfy {
                    !$0.contains("salvage") && !$0.contains("ready")
                })
            try FileManager.default.removeItem(atPath: path)
        }
        try fixture.end()
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}

@Suite struct SalvageMissingTests {
    /// The index is one from a backup; segments have gone on.
    @Test func mailBehindAnOlderIndexIsAdded() async throws {
        let fixture = try await DamageFixture.make()
        let backup = StoreFixture.temporaryDirectory()
        try FileManager.default.copyItem(atPath: fixture.path("store.sqlite"), toPath: backup)
        let shard = try await fixture.open()
        let account = try await shard.account(fixture.store.alice.id)
        let folder = try await account.createFolder(named: "Later", in: SystemFolder.top, kind: .mail, role: nil)
        for text in ["Subject: a\r\n\r\n1\r\n", "Subject: b\r\n\r\n2\r\n"] {
            let stager = shard.stage(expectedSize: nil)
            try await stager.write(ByteBuffer(string: text))
            _ = try await account.append(
                [NewMessage(stager.finish(), received: fixture.store.clock.now)], to: folder.id)
        }
        let large = (0..<400_000).map { _ in UInt8.random(in: 32...126) }
        let stager = shard.stage(expectedSize: nil)
        try await stager.write(ByteBuffer(bytes: large))
        _ = try await account.append(
            [NewMessage(stager.finish(), received: fixture.store.clock.now)], to: SystemFolder.inbox)
        let all = try await StoreContents.read(shard)
        await shard.close()
        for name in fixture.names("") where name.hasPrefix("store.sqlite") { try fixture.remove(name) }
        try FileManager.default.moveItem(atPath: backup, toPath: fixture.path("store.sqlite"))
        // The older index is used for a while; the object that it does not know is not lost by that.
        try await fixture.open().close()
        let report = try await SQLiteShard.salvageMissing(
            directory: fixture.directory, options: fixture.options()
        ) { done, total in #expect(done <= total) }
        #expect(report.messages == 3)
        #expect(report.damage == [])
        let again = try await fixture.open()
        let after = try await StoreContents.read(again)
        for (address, mailboxes) in all.accounts {
            for (path, mailbox) in mailboxes {
                let there = try #require(after.accounts[address]?[path], "\(path)")
                #expect(there.messages.map(\.hash) == mailbox.messages.map(\.hash), "\(path)")
                #expect(there.uidValidity > mailbox.uidValidity)
            }
        }
        let verified = try await again.verify(repair: false) { _, _ in }
        #expect(verified.findings == [], "\(VerifyTests.text(verified))")
        await again.close()
        let nothing = try await SQLiteShard.salvageMissing(
            directory: fixture.directory, options: fixture.options()
        ) { _, _ in }
        #expect(nothing.messages == 0)
        try fixture.end()
    }
}
