import MailModel
import MailStore
import SQLiteEngine
import Testing

@Suite struct CacheTests {
    @Test func forgottenFoldersAreReadAgain() async throws {
        let store = try await StoreFixture.make(.sqlite) { $0.cacheBudget = 0 }
        let account = try await store.account()
        try await store.fill(5, flags: MessageFlags(.flagged))
        try await store.fill(2, SystemFolder.archive)
        let watched = account.subscribe(to: SystemFolder.archive) {}
        let inbox = try await account.mailbox(SystemFolder.inbox)
        let archive = try await account.mailbox(SystemFolder.archive)
        // Twice the number of commits after which the cache is looked at: the first time both have been used.
        for number in 0..<600 {
            try await account.setSubscribed(number % 2 == 0, folder: SystemFolder.junk)
        }
        let again = try await account.mailbox(SystemFolder.inbox)
        #expect(again !== inbox)
        #expect((0..<5).map { again.row(at: $0) } == (0..<5).map { inbox.row(at: $0) })
        #expect(MailboxDifference(from: inbox, to: again).isEmpty)
        #expect(try await account.mailbox(SystemFolder.archive) === archive)
        withExtendedLifetime(watched) {}
        await store.end()
    }

    @Test func largeFoldersAreReadBesideTheWriter() async throws {
        let store = try await StoreFixture.make(.sqlite)
        let message = try await store.stage(store.message(1))
        let messages = Array(repeating: NewMessage(message, received: store.clock.now), count: 2500)
        _ = try await store.account().append(messages, to: SystemFolder.inbox)
        await store.shard.close()
        let shard = try await SQLiteShard.open(directory: store.directory, options: StoreFixture.options(store.clock))
        let account = try await shard.account(store.alice.id)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    #expect(try await account.mailbox(SystemFolder.inbox).count >= 2500)
                    _ = try await account.changeFlags(
                        .add(MessageFlags(.seen)), of: UIDSet([1...3]), in: SystemFolder.inbox, unchangedSince: nil)
                }
                group.addTask {
                    let stager = shard.stage(expectedSize: nil)
                    _ = try await account.append(
                        [NewMessage(stager.finish(), received: store.clock.now)], to: SystemFolder.inbox)
                }
            }
            try await group.waitForAll()
        }
        let inbox = try await account.mailbox(SystemFolder.inbox)
        #expect(inbox.count == 2504)
        #expect(inbox.unseen == 2501)
        #expect(try await account.folder(SystemFolder.inbox).unseen == 2501)
        await shard.close()
        await store.end()
    }

    @Test func oneHandlePerAccount() async throws {
        let store = try await StoreFixture.make(.sqlite)
        let first = try await store.account()
        #expect(try await store.account() === first)
        await store.end()
    }

    @Test func clientsThatStayedAwayTooLongBeginAnew() async throws {
        let store = try await StoreFixture.make(.sqlite)
        let account = try await store.account()
        let start = try await store.fill(1).change
        try await store.fill(1)
        store.clock.advance(days: 60)
        let later = try await store.fill(1).change
        store.clock.advance(days: 60)
        _ = try await store.shard.purge(now: store.clock.now)
        #expect(try await account.changes(since: start, limit: 10) == nil)
        #expect(try await account.changes(since: ChangeNumber(later.rawValue - 1), limit: 10)?.count == 1)
        let last = try await store.fill(1).change
        #expect(try await account.changes(since: later, limit: 10)?.map(\.number) == [last])
        await store.end()
    }
}
