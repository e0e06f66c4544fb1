import ContentStore
import Foundation
import MailModel
import MailStore
import NIOCore
import Synchronization
import Testing

@testable import SQLiteEngine

/// Going back where the newer index is lost: the snapshot, and mail accepted since as it was delivered.
@Suite struct SnapshotRollbackTests {
    private let late = "Message-ID: <late@example.test>\r\nSubject: late\r\n\r\nlate mail\r\n"

    /// Upgrades, takes mail in and loses the index. Returns the UIDVALIDITY values that were shown.
    private func loseIndex(_ kept: KeptFolder, damage: Bool = true) async throws -> [FolderID: UInt32] {
        let shard = try await kept.open()
        let alice = try await shard.account(AccountID(1))
        _ = try await append(late, in: shard, kept.clock)
        let folder = try await alice.createFolder(named: "Since", in: SystemFolder.top, kind: .mail, role: nil)
        let below = try await alice.createFolder(named: "Below", in: folder.id, kind: .mail, role: nil)
        _ = try await alice.append(
            [
                NewMessage(
                    try await stage("Subject: filed\r\n\r\nx\r\n", shard),
                    flags: MessageFlags(.flagged, keywords: [Keyword("New")]), received: kept.clock.now)
            ], to: below.id)
        _ = try await shard.directory.addAccount(
            NewAccount(address: address("zoe@example.test"), created: kept.clock.now), credentials: [], aliases: [],
            actor: .commandLine)
        let zoe = try #require(try await shard.directory.account(address: address("zoe@example.test")))
        _ = try await shard.deliver(
            NewDelivery(
                id: DeliveryID("D-since"), message: try await stage("Subject: to all\r\n\r\nx\r\n", shard),
                sender: address("someone@example.org"), received: kept.clock.now,
                local: [AccountID(2), zoe.id].map {
                    LocalPlacement(
                        account: $0, folder: SystemFolder.inbox,
                        recipient: address($0 == zoe.id ? "zoe@example.test" : "bob@example.test"))
                }, remote: [NewQueueEntry(recipient: address("x@elsewhere.example"), expires: kept.clock.now)],
                trace: []))
        let shown = try await alice.folders().map { ($0.id, $0.uidValidity) }
        await shard.close()
        // What the log still has would make up for damage to the file.
        try IndexFile(directory: kept.directory).settle(FileOperations().withoutWaiting)
        if damage { try Data("no index".utf8).write(to: URL(filePath: kept.directory + "/store.sqlite")) }
        return Dictionary(uniqueKeysWithValues: shown)
    }

    private func stage(_ text: String, _ shard: SQLiteShard) async throws -> StagedMessage {
        let stager = shard.stage(expectedSize: nil)
        try await stager.write(ByteBuffer(string: text))
        return try await stager.finish()
    }

    private func subjects(_ folder: FolderID, _ account: any AccountStore) async throws -> [String] {
        let mailbox = try await account.mailbox(folder)
        var found: [String] = []
        for index in 0..<mailbox.count {
            let content = try await bytes(of: try #require(mailbox.row(at: index)).item, in: account)
            let text = String(decoding: content.prefix(2000), as: UTF8.self)
            found.append(
                text.split(separator: "\r\n").first { $0.hasPrefix("Subject: ") }.map { String($0.dropFirst(9)) } ?? "")
        }
        return found
    }

    /// After going back, and coming here again: everything of before, and what came since.
    private func expectAll(_ kept: KeptFolder, _ shown: [FolderID: UInt32]) async throws {
        let shard = try await kept.open()
        #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
        let alice = try await shard.account(AccountID(1))
        let folders = try await alice.folders()
        for folder in folders {
            #expect(folder.uidValidity > (shown.values.max() ?? 0), "\(folder.name)")
        }
        #expect(try await subjects(SystemFolder.inbox, alice).last == "late")
        let below = try #require(folders.first { $0.name == "Below" })
        #expect(folders.first { $0.id == below.parent }?.name == "Since")
        #expect(try await subjects(below.id, alice) == ["filed"])
        let filed = try await alice.mailbox(below.id)
        let row = try #require(filed.row(at: 0))
        #expect(row.flags == .flagged && filed.keywordSets[row.keywordSet] == [Keyword("New")])
        #expect(try await subjects(SystemFolder.inbox, shard.account(AccountID(2))).last == "to all")
        let zoe = try #require(try await shard.directory.account(address: address("zoe@example.test")))
        #expect(try await subjects(SystemFolder.inbox, shard.account(zoe.id)) == ["to all"])
        #expect(
            try await shard.queue.list(QueueFilter(), after: nil, limit: 100).map(\.recipient).last
                == "x@elsewhere.example")
        // What was there before is there, whatever numbers it has now.
        for (text, account) in kept.seen.accounts {
            let record = try #require(try await shard.directory.account(address: address(text)))
            let store = try await shard.account(record.id)
            var count = 0
            for folder in try await store.folders() where folder.kind == .mail { count += folder.messages }
            let before = account.folders.values.reduce(0) { $0 + $1.messages.count }
            #expect(count == before + (text.hasPrefix("alice") ? 2 : text.hasPrefix("bob") ? 1 : 0), "\(text)")
        }
        await shard.close()
    }

    @Test func mailAcceptedSinceIsBroughtIn() async throws {
        let kept = try KeptFolder()
        let shown = try await loseIndex(kept)
        let report = try Rollback(kept.conversion()).run(Rollback.Request())
        #expect(report.from == nil && report.to == StoreFormat(0) && report.messages == 4)
        #expect(report.losses.contains { $0.contains("account zoe@example.test was made after that time") })
        #expect(report.losses.contains { $0.contains("1 recipients of mail accepted since") })
        let back = try IndexDump(kept.directory)
        #expect(back.format == "1" && back.definitions == kept.before.definitions)
        #expect(
            try Data(contentsOf: URL(filePath: try #require(report.kept) + "/store.sqlite")) == Data("no index".utf8))
        try await expectAll(kept, shown)
        kept.remove()
    }

    @Test func onDemandToo() async throws {
        let kept = try KeptFolder()
        let shown = try await loseIndex(kept, damage: false)
        var request = Rollback.Request()
        request.fromSnapshot = true
        let newer = try IndexDump(kept.directory)
        request.isDryRun = true
        let plan = try Rollback(kept.conversion()).run(request)
        #expect(plan.messages == 4 && plan.kept == nil)
        #expect(try IndexDump(kept.directory) == newer)
        request.isDryRun = false
        let report = try Rollback(kept.conversion()).run(request)
        #expect(report.from == StoreFormat(1) && report.messages == 4 && report.losses == plan.losses)
        try await expectAll(kept, shown)
        kept.remove()
    }

    @Test func aDamagedPageOfTheIndexIsNoticed() async throws {
        let kept = try KeptFolder()
        let shown = try await loseIndex(kept, damage: false)
        let path = URL(filePath: kept.directory + "/store.sqlite")
        var bytes = try Data(contentsOf: path)
        bytes[5 * 4096 + 100] ^= 1
        try bytes.write(to: path)
        let report = try Rollback(kept.conversion()).run(Rollback.Request())
        #expect(report.restored != nil && report.losses.first?.contains("could not be read") == true)
        try await expectAll(kept, shown)
        kept.remove()
    }

    @Test func aKillAtAnyInstantLosesNothing() async throws {
        let kept = try KeptFolder()
        let shown = try await loseIndex(kept)
        let copies = Mutex<[(FormatConversion.Instant, String)]>([])
        var conversion = kept.conversion()
        let directory = kept.directory
        conversion.instant = { instant in
            let copy = StoreFixture.temporaryDirectory()
            do { try copyKeepingLinks(directory, to: copy) } catch { Issue.record(error) }
            copies.withLock { $0.append((instant, copy)) }
        }
        _ = try Rollback(conversion).run(Rollback.Request())
        for (instant, copy) in copies.withLock({ $0 }) {
            let other = try KeptFolder(copy)
            if instant != .replaced { _ = try Rollback(other.conversion()).run(Rollback.Request()) }
            try await expectAll(other, shown)
            other.remove()
        }
        kept.remove()
    }

    @Test func mailPurgedSinceIsBackFromTheSnapshot() async throws {
        let kept = try KeptFolder()
        let shard = try await kept.open()
        let alice = try await shard.account(AccountID(1))
        let projects = try #require(try await alice.folders().first { $0.name == "Projects" })
        _ = try await alice.expunge(UIDSet([1...1]), in: projects.id, onlyDeleted: false)
        kept.clock.advance(days: 15)
        #expect(try await shard.purge(now: kept.clock.now).items > 0)
        await shard.close()
        #expect(ContentFolder.length(of: kept.directory + "/objects/25") == nil)
        try IndexFile(directory: kept.directory).settle(FileOperations().withoutWaiting)
        try Data("no index".utf8).write(to: URL(filePath: kept.directory + "/store.sqlite"))
        _ = try Rollback(kept.conversion()).run(Rollback.Request())
        let again = try await kept.open()
        #expect(try await again.verify(repair: false) { _, _ in }.findings == [])
        let account = try await again.account(AccountID(1))
        #expect(try await subjects(projects.id, account) == ["large"])
        await again.close()
        kept.remove()
    }

    @Test func idsOfMailBroughtInAreNotGivenAgain() async throws {
        let kept = try KeptFolder()
        let shard = try await kept.open()
        _ = try await append(late, in: shard, kept.clock)
        await shard.close()
        try IndexFile(directory: kept.directory).settle(FileOperations().withoutWaiting)
        try Data("no index".utf8).write(to: URL(filePath: kept.directory + "/store.sqlite"))
        #expect(try Rollback(kept.conversion()).run(Rollback.Request()).messages == 1)
        let again = try await kept.open()
        _ = try await append("Subject: later\r\n\r\nx\r\n", in: again, kept.clock)
        let alice = try await again.account(AccountID(1))
        #expect(try await subjects(SystemFolder.inbox, alice).suffix(2) == ["late", "later"])
        #expect(try await again.verify(repair: false) { _, _ in }.findings == [])
        await again.close()
        kept.remove()
    }

    @Test func withoutASnapshotItIsRefused() async throws {
        let kept = try KeptFolder()
        try await kept.open().close()
        FolderListing.remove(Snapshots(directory: kept.directory).all()[0].path)
        var request = Rollback.Request()
        request.fromSnapshot = true
        #expect(throws: StoreError.notAllowed("there is no snapshot of an older format in \(kept.directory)/snapshots"))
        {
            try Rollback(kept.conversion()).run(request)
        }
        kept.remove()
    }
}
