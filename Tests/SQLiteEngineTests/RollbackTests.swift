import ContentStore
import Foundation
import MailModel
import MailStore
import NIOCore
import Synchronization
import Testing

@testable import SQLiteEngine

/// Going back: docs/crash-states.md, “Changing the format”.
@Suite struct RollbackTests {
    private func rollback(
        _ kept: KeptFolder, _ path: String? = nil, _ change: (inout Rollback.Request) -> Void = { _ in }
    ) throws -> Rollback.Report {
        var request = Rollback.Request()
        change(&request)
        return try Rollback(kept.conversion(path)).run(request)
    }

    /// Upgrades and goes on: new mail, in a new folder too, changed flags, an account, a password, a queued message.
    private func useUpgraded(_ kept: KeptFolder) async throws {
        let shard = try await kept.open()
        let alice = try await shard.account(AccountID(1))
        for number in 1...3 {
            _ = try await append("Subject: since \(number)\r\n\r\n\(number)\r\n", in: shard, kept.clock)
        }
        let folder = try await alice.createFolder(named: "Since", in: SystemFolder.top, kind: .mail, role: nil)
        _ = try await alice.move(UIDSet([1...1]), from: SystemFolder.inbox, to: folder.id)
        _ = try await alice.changeFlags(
            .replace(MessageFlags(.answered, keywords: [Keyword("Since")])), of: UIDSet([2...2]),
            in: SystemFolder.inbox, unchangedSince: nil)
        _ = try await shard.directory.addAccount(
            NewAccount(address: address("zoe@example.test"), created: kept.clock.now),
            credentials: [NewCredential(kind: .argon2id, verifier: "$zoe")], aliases: [], actor: .commandLine)
        try await shard.directory.setCredentials(
            [NewCredential(kind: .argon2id, verifier: "$new")], of: AccountID(2), replacing: .all, actor: .commandLine)
        let stager = shard.stage(expectedSize: nil)
        try await stager.write(ByteBuffer(string: "Subject: out\r\n\r\nx\r\n"))
        _ = try await shard.deliver(
            NewDelivery(
                id: DeliveryID("D-since"), message: stager.finish(), sender: address("alice@example.test"),
                received: kept.clock.now, local: [],
                remote: [NewQueueEntry(recipient: address("x@elsewhere.example"), expires: kept.clock.now)], trace: []))
        await shard.close()
    }

    @Test func upAndDownChangesNothing() async throws {
        let kept = try KeptFolder()
        let upgrade = try #require(try kept.conversion().upgrade())
        let report = try rollback(kept)
        #expect(try IndexDump(kept.directory) == kept.before)
        #expect(report.from == StoreFormat(1) && report.to == StoreFormat(0) && report.losses.isEmpty)
        #expect(try PageChecksums.areInForce(in: kept.directory + "/store.sqlite") == false)
        #expect(try IndexDump(try #require(report.kept)).format == "2")
        #expect(try IndexDump(upgrade.snapshot) == kept.before)
        // And up again: with checksums that hold for what was written without them.
        let shard = try await kept.open()
        try await kept.expectEverything(in: shard)
        await shard.close()
        #expect(try PageChecksums.areInForce(in: kept.directory + "/store.sqlite"))
        #expect(Snapshots(directory: kept.directory).all().map(\.manifest.format).sorted() == [0, 0, 1])
        kept.remove()
    }

    @Test func whatCameSinceStays() async throws {
        let kept = try KeptFolder()
        try await useUpgraded(kept)
        let newer = try IndexDump(kept.directory)
        #expect(newer.asFormat0 != kept.before)
        _ = try rollback(kept)
        let back = try IndexDump(kept.directory)
        #expect(back.format == "1")
        #expect(back.definitions == kept.before.definitions)
        #expect(back.tables == newer.asFormat0.tables)
        // Byte for byte, by way of another upgrade: the old program's own reading is tried by crash/upgrade.py.
        let shard = try await kept.open()
        let alice = try await shard.account(AccountID(1))
        let inbox = try await alice.mailbox(SystemFolder.inbox)
        let last = try #require(inbox.row(at: inbox.count - 1))
        #expect(try await bytes(of: last.item, in: alice) == Array("Subject: since 3\r\n\r\n3\r\n".utf8))
        #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
        await shard.close()
        kept.remove()
    }

    @Test func aKillAtAnyInstantLeavesTheOldOrTheNew() async throws {
        let kept = try KeptFolder()
        try await useUpgraded(kept)
        let newer = try IndexDump(kept.directory)
        let copies = Mutex<[(FormatConversion.Instant, String)]>([])
        var conversion = kept.conversion()
        let directory = kept.directory
        conversion.instant = { instant in
            let copy = StoreFixture.temporaryDirectory()
            do { try copyKeepingLinks(directory, to: copy) } catch { Issue.record(error) }
            copies.withLock { $0.append((instant, copy)) }
        }
        _ = try Rollback(conversion).run(Rollback.Request())
        let taken = copies.withLock { $0 }
        #expect(taken.count == 6)
        for (instant, copy) in taken {
            let isBack = instant == .replaced
            #expect(try IndexDump(copy).tables == (isBack ? newer.asFormat0 : newer).tables, "\(instant)")
            // Once more, as whoever asked for it would do.
            if !isBack { _ = try rollback(kept, copy) }
            #expect(try IndexDump(copy).tables == newer.asFormat0.tables, "\(instant)")
            #expect(Snapshots(directory: copy).all().map(\.manifest.format).sorted() == [0, 1], "\(instant)")
            try FileManager.default.removeItem(atPath: copy)
        }
        kept.remove()
    }

    @Test func aDryRunChangesNothing() async throws {
        let kept = try KeptFolder()
        try await useUpgraded(kept)
        let newer = try IndexDump(kept.directory)
        let names = try FileManager.default.subpathsOfDirectory(atPath: kept.directory).sorted()
        let report = try rollback(kept) { $0.isDryRun = true }
        #expect(report == Rollback.Report(from: StoreFormat(1), to: StoreFormat(0)))
        #expect(try IndexDump(kept.directory) == newer)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: kept.directory).sorted() == names)
        kept.remove()
    }

    @Test func whatTheOlderFormatCannotExpressIsSaid() async throws {
        let kept = try KeptFolder()
        var later = kept.conversion()
        later.current = StoreFormat(2)
        later.steps.append(.futureStep)
        _ = try later.upgrade()
        #expect(try IndexDump(kept.directory).tables["note"]?.count == 4)
        var request = Rollback.Request()
        let one = try Rollback(later).run(request)
        #expect(one.to == StoreFormat(1) && one.losses == ["4 notes"])
        #expect(try IndexDump(kept.directory).tables["account"] == kept.before.tables["account"])
        _ = try later.upgrade()
        request.to = StoreFormat(0)
        let two = try Rollback(later).run(request)
        #expect(two.from == StoreFormat(2) && two.losses == ["4 notes"])
        #expect(try IndexDump(kept.directory) == kept.before)
        kept.remove()
    }

    @Test func impossibleTargetsAreRefused() async throws {
        let kept = try KeptFolder()
        let text = "the data folder \(kept.directory) has format"
        #expect(throws: StoreError.notAllowed("there is no format -1")) { try rollback(kept) }
        _ = try kept.conversion().upgrade()
        #expect(throws: StoreError.notAllowed("\(text) 1 already")) { try rollback(kept) { $0.to = StoreFormat(1) } }
        #expect(throws: StoreError.notAllowed("\(text) 1 already")) { try rollback(kept) { $0.to = StoreFormat(5) } }
        #expect(throws: StoreError.notAllowed("there is no format -3")) {
            try rollback(kept) { $0.to = StoreFormat(-3) }
        }
        kept.remove()
    }

    @Test func aFolderInUseIsRefused() async throws {
        let kept = try KeptFolder()
        let shard = try await kept.open()
        await #expect(
            throws: StoreError.locked("the data folder \(kept.directory) is in use by process \(getpid())")
        ) {
            try await Rollback.run(directory: kept.directory, request: Rollback.Request(), options: kept.options())
        }
        await shard.close()
        let report = try await Rollback.run(
            directory: kept.directory, request: Rollback.Request(), options: kept.options())
        #expect(report.to == StoreFormat(0))
        kept.remove()
    }

    @Test func aFailingDiskLeavesTheNewerDataUntouched() async throws {
        let kept = try KeptFolder()
        try await useUpgraded(kept)
        let newer = try IndexDump(kept.directory)
        for number in 1...3 {
            var conversion = kept.conversion()
            switch number {
            case 1: conversion.files.link = { to, _ throws(ContentError) in throw .io("link \(to)", ENOSPC) }
            case 2: conversion.files.write = { _, _, _ throws(ContentError) in throw .io("write", ENOSPC) }
            default: conversion.freeBytes = { _ in 0 }
            }
            let rollback = Rollback(conversion)
            #expect(throws: StoreError.self, "\(number)") { try rollback.run(Rollback.Request()) }
            #expect(try IndexDump(kept.directory) == newer, "\(number)")
            #expect(Snapshots(directory: kept.directory).all().map(\.manifest.format) == [0], "\(number)")
        }
        kept.remove()
    }
}
