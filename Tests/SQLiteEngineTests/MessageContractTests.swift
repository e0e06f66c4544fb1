import MailModel
import MailStore
import MessageFormat
import NIOCore
import Synchronization
import Testing

@Suite struct MessageContractTests {
    @Test(arguments: Twin.allCases)
    func appendedMessagesAreThere(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let before = try await account.mailbox(SystemFolder.inbox)
        #expect(before.count == 0)
        let result = try await store.fill(3, flags: MessageFlags(.seen, keywords: [Keyword("Work")]))
        #expect(result.uids == [1, 2, 3])
        let after = try await account.mailbox(SystemFolder.inbox)
        #expect(after.count == 3)
        #expect(after.uidNext == 4)
        #expect(after.uidValidity == result.uidValidity)
        #expect(after.highestChange == result.change)
        let row = try #require(after.row(at: 1))
        #expect(row.uid == 2)
        #expect(row.item == result.items[1])
        #expect(row.flags == .seen)
        #expect(after.keywordSets[row.keywordSet] == [Keyword("work")])
        #expect(MailboxDifference(from: before, to: after).added == 3)
        #expect(try await bytes(of: row.item, in: account) == Array(store.message(1).utf8))
        let summaries = try await account.summaries(of: [result.items[0], ItemID(99999)])
        let summary = try #require(summaries[0].flatMap { MessageSummary(decoding: $0) })
        #expect(summary.envelope.subject.map { String(buffer: $0) } == "number 0")
        #expect(summaries[1] == nil)
        let folder = try await account.folder(SystemFolder.inbox)
        #expect(folder.messages == 3)
        #expect(folder.unseen == 0)
        #expect(folder.size == Int64(store.message(0).utf8.count * 3))
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func flagsChangeWithAndWithoutConditions(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let start = try await store.fill(4)
        let old = try await account.mailbox(SystemFolder.inbox)
        let first = try await account.changeFlags(
            .add(MessageFlags(.seen)), of: UIDSet([1...2]), in: SystemFolder.inbox, unchangedSince: nil)
        #expect(first.changed == UIDSet([1...2]))
        let change = try #require(first.change)
        #expect(change > start.change)
        let again = try await account.changeFlags(
            .add(MessageFlags(.seen)), of: UIDSet([1...2]), in: SystemFolder.inbox, unchangedSince: nil)
        #expect(again.change == nil)
        let conditional = try await account.changeFlags(
            .replace(MessageFlags(.deleted, keywords: [Keyword("A"), Keyword("b")])), of: .all, in: SystemFolder.inbox,
            unchangedSince: start.change)
        #expect(conditional.changed == UIDSet([3...4]))
        #expect(conditional.modified == UIDSet([1...2]))
        let new = try await account.mailbox(SystemFolder.inbox)
        #expect(MailboxDifference(from: old, to: new).changed == [0, 1, 2, 3])
        #expect(new.unseen == 2)
        let folder = try await account.folder(SystemFolder.inbox)
        #expect((folder.unseen, folder.deleted) == (2, 2))
        let removed = try await account.changeFlags(
            .remove(MessageFlags(keywords: [Keyword("a")])), of: .all, in: SystemFolder.inbox, unchangedSince: nil)
        #expect(removed.changed == UIDSet([3...4]))
        let last = try await account.mailbox(SystemFolder.inbox)
        let row = try #require(last.row(at: 3))
        #expect(last.keywordSets[row.keywordSet] == [Keyword("B")])
        #expect(old.row(at: 3)?.flags == [])
        for wrong in ["", "a b", String(repeating: "k", count: 129)] {
            await #expect(throws: StoreError.self) {
                try await account.changeFlags(
                    .add(MessageFlags(keywords: [Keyword(wrong)])), of: .all, in: SystemFolder.inbox,
                    unchangedSince: nil)
            }
        }
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func copiesAndMovesMintUIDsAndKeepIdentity(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let source = try await store.fill(3, flags: MessageFlags(.flagged, keywords: [Keyword("k")]))
        let identity = try #require(try await account.identities(of: [source.items[0]])[0])
        let copied = try await account.copy(UIDSet([1...1]), from: SystemFolder.inbox, to: SystemFolder.archive)
        #expect(copied.source == [1])
        #expect(copied.destination == [1])
        let copy = try #require(try await account.mailbox(SystemFolder.archive).row(at: 0))
        #expect(copy.item != source.items[0])
        #expect(copy.flags == .flagged)
        let copyIdentity = try #require(try await account.identities(of: [copy.item])[0])
        #expect(copyIdentity.email == identity.email)
        #expect(copyIdentity.thread == identity.thread)
        #expect(copyIdentity.uidl == copy.item.description)

        let moved = try await account.move(UIDSet([2...3]), from: SystemFolder.inbox, to: SystemFolder.archive)
        #expect(moved.source == [2, 3])
        #expect(moved.destination == [2, 3])
        #expect(try await account.mailbox(SystemFolder.inbox).count == 1)
        #expect(try await account.recoverable(limit: 10).isEmpty)
        #expect(try await account.identities(of: [source.items[1]])[0] == nil)
        let archive = try await account.mailbox(SystemFolder.archive)
        #expect(archive.count == 3)
        let last = try #require(archive.row(at: 2))
        #expect(try await bytes(of: last.item, in: account) == Array(store.message(2).utf8))
        let within = try await account.move(UIDSet([1...1]), from: SystemFolder.archive, to: SystemFolder.archive)
        #expect(within.destination == [4])
        let after = try await account.mailbox(SystemFolder.archive)
        #expect(after.count == 3)
        #expect(after.uid(at: 2) == 4)
        #expect(try await account.quota().messages == 4)
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func deletionIsRecoverable(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let items = try await store.fill(4).items
        _ = try await account.changeFlags(
            .add(MessageFlags(.deleted)), of: UIDSet([2...3]), in: SystemFolder.inbox, unchangedSince: nil)
        let gone = try await account.expunge(.all, in: SystemFolder.inbox, onlyDeleted: true)
        #expect(gone == UIDSet([2...3]))
        #expect(try await account.mailbox(SystemFolder.inbox).count == 2)
        #expect(try await account.quota().messages == 2)
        #expect(try await account.expunge(.all, in: SystemFolder.inbox, onlyDeleted: true).isEmpty)
        let lost = try await account.recoverable(limit: 10)
        #expect(Set(lost.map(\.item)) == [items[1], items[2]])
        #expect(try await account.undelete([items[1], ItemID(12345)]) == 1)
        let inbox = try await account.mailbox(SystemFolder.inbox)
        #expect(inbox.count == 3)
        let back = try #require(inbox.row(at: 2))
        #expect(back.uid == 5)
        #expect(back.item.rawValue > items[3].rawValue)
        #expect(back.flags == [])
        #expect(try await bytes(of: back.item, in: account) == Array(store.message(1).utf8))
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func purgeReclaimsWhatIsPastItsTime(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let items = try await store.fill(2).items
        _ = try await account.copy(UIDSet([1...1]), from: SystemFolder.inbox, to: SystemFolder.archive)
        _ = try await account.expunge(.all, in: SystemFolder.inbox, onlyDeleted: false)
        store.clock.advance(days: 13)
        #expect(try await store.shard.purge(now: store.clock.now).items == 0)
        store.clock.advance(days: 2)
        let report = try await store.shard.purge(now: store.clock.now)
        #expect(report.items == 2)
        #expect(try await account.recoverable(limit: 10).isEmpty)
        await #expect(throws: StoreError.self) { try await account.content(of: items[0]) }
        let copy = try #require(try await account.mailbox(SystemFolder.archive).row(at: 0))
        #expect(try await bytes(of: copy.item, in: account) == Array(store.message(0).utf8))
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func changeLogTellsWhatHappened(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let start = try await account.folder(SystemFolder.inbox).highestChange
        let items = try await store.fill(2).items
        _ = try await account.changeFlags(
            .add(MessageFlags(.seen)), of: UIDSet([1...1]), in: SystemFolder.inbox, unchangedSince: nil)
        _ = try await account.changeFlags(
            .add(MessageFlags(.flagged)), of: UIDSet([1...1]), in: SystemFolder.inbox, unchangedSince: nil)
        _ = try await account.move(UIDSet([1...1]), from: SystemFolder.inbox, to: SystemFolder.archive)
        _ = try await account.expunge(.all, in: SystemFolder.inbox, onlyDeleted: false)
        let folder = try await account.createFolder(named: "F", in: SystemFolder.top, kind: .mail, role: nil)
        let all = try #require(try await account.changes(since: start, limit: 100))
        #expect(all.map(\.operation) == [.create, .create, .readState, .update, .delete, .move, .delete, .create])
        #expect(all.map(\.object) == [.item, .item, .item, .item, .item, .item, .item, .folder])
        #expect(all[0].id == items[0].rawValue)
        #expect(all[4].id == items[0].rawValue)
        #expect(all[4].folder == SystemFolder.inbox)
        #expect(all[4].uid == 1)
        #expect(all[5].oldFolder == SystemFolder.inbox)
        #expect(all[5].folder == SystemFolder.archive)
        #expect(Set(all[..<6].filter { $0.id != items[1].rawValue }.map(\.email)).count == 1)
        #expect(all[7].id == folder.id.rawValue)
        let page = try #require(try await account.changes(since: start, limit: 1))
        #expect(page.count == 2)
        let next = try #require(try await account.changes(since: page[1].number, limit: 3))
        #expect(next.map(\.operation) == [.readState, .update])
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func quotaIsKept(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin, quota: 200)
        let account = try await store.account()
        try await store.fill(2)
        await #expect(throws: StoreError.overQuota) { try await store.fill(2) }
        #expect(try await account.mailbox(SystemFolder.inbox).count == 2)
        await #expect(throws: StoreError.overQuota) {
            try await account.copy(.all, from: SystemFolder.inbox, to: SystemFolder.archive)
        }
        let result = try await store.shard.deliver(
            store.delivery(
                "D1", store.message(9, headers: "X: \(String(repeating: "x", count: 100))\r\n"),
                to: [store.alice, store.bob]))
        #expect(result.outcomes.first == .failed(.overQuota))
        guard case .stored = result.outcomes[1] else {
            Issue.record("bob has no quota")
            return
        }
        _ = try await account.expunge(.all, in: SystemFolder.inbox, onlyDeleted: false)
        try await store.fill(2)
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func threadsFollowReferencesAndSubject(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        func append(_ headers: String) async throws -> ItemIdentity {
            let message = try await store.stage(headers + "\r\n\r\nx\r\n")
            let item = try await account.append(
                [NewMessage(message, received: store.clock.now)], to: SystemFolder.inbox
            ).items[0]
            return try #require(try await account.identities(of: [item])[0])
        }
        let answer = try await append("Message-ID: <b@x>\r\nReferences: <a@x>\r\nSubject: Re: Plan")
        let first = try await append("Message-ID: <a@x>\r\nSubject: plan")
        let other = try await append("Message-ID: <c@x>\r\nIn-Reply-To: <a@x>\r\nSubject: something else")
        let late = try await append("Message-ID: <d@x>\r\nIn-Reply-To: <b@x>\r\nSubject: Fwd: Re: Plan")
        let none = try await append("Subject: plan")
        #expect(first.thread == answer.thread)
        #expect(late.thread == answer.thread)
        #expect(other.thread != answer.thread)
        #expect(none.thread != answer.thread)
        #expect(Set([first, answer, other, late, none].map(\.email)).count == 5)
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func subscribersHearOfCommits(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let heard = Mutex((inbox: 0, archive: 0))
        let inbox = account.subscribe(to: SystemFolder.inbox) { heard.withLock { $0.inbox += 1 } }
        let archive = account.subscribe(to: SystemFolder.archive) { heard.withLock { $0.archive += 1 } }
        try await store.fill(1)
        #expect(heard.withLock { $0.inbox } == 1)
        #expect(heard.withLock { $0.archive } == 0)
        _ = try await store.shard.deliver(store.delivery("D", store.message(1), to: [store.alice]))
        #expect(heard.withLock { $0.inbox } == 2)
        inbox.cancel()
        _ = try await account.move(.all, from: SystemFolder.inbox, to: SystemFolder.archive)
        #expect(heard.withLock { $0.inbox } == 2)
        #expect(heard.withLock { $0.archive } == 1)
        withExtendedLifetime(archive) {}
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func largeFoldersKeepTheirOrder(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let message = try await store.stage(store.message(1))
        let messages = Array(repeating: NewMessage(message, received: store.clock.now), count: 2500)
        let old = try await account.mailbox(SystemFolder.inbox)
        _ = try await account.append(messages, to: SystemFolder.inbox)
        let full = try await account.mailbox(SystemFolder.inbox)
        #expect(full.count == 2500)
        #expect(full.chunks.count == 3)
        let odd = UIDSet(uids: stride(from: UInt32(1), through: 2499, by: 2))
        let changed = try await account.changeFlags(
            .add(MessageFlags(.deleted)), of: odd, in: SystemFolder.inbox, unchangedSince: nil)
        #expect(changed.changed == odd)
        #expect(try await account.expunge(.all, in: SystemFolder.inbox, onlyDeleted: true) == odd)
        let half = try await account.mailbox(SystemFolder.inbox)
        #expect(half.count == 1250)
        #expect(MailboxDifference(from: full, to: half).expunged.count == 1250)
        #expect(MailboxDifference(from: old, to: half).added == 1250)
        #expect(half.index(ofUID: 2500) == 1249)
        #expect(half.index(ofUID: 2499) == nil)
        await store.end()
    }
}
