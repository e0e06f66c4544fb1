import MailModel
import MailStore
import SQLiteEngine
import Testing

/// Many at once; afterwards every counter, reference and snapshot must agree with the rows.
@Suite struct ConcurrencyTests {
    @Test(arguments: Twin.allCases)
    func everybodyAtOnce(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin) { $0.segmentLimit = 20_000 }
        let alice = try await store.account()
        let bob = try await store.shard.account(store.bob.id)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<16 {
                group.addTask {
                    for step in 0..<12 {
                        // What one takes away another may be about to change: refusals are part of it.
                        try? await Self.act(worker, step, store, worker % 2 == 0 ? alice : bob)
                    }
                }
            }
        }
        for account in [alice, bob] {
            var total = 0
            for folder in try await account.folders() where folder.kind == .mail {
                let mailbox = try await account.mailbox(folder.id)
                #expect(mailbox.count == folder.messages)
                #expect(mailbox.unseen == folder.unseen)
                #expect(mailbox.highestChange == folder.highestChange)
                total += mailbox.count
                for index in 0..<mailbox.count {
                    let row = try #require(mailbox.row(at: index))
                    #expect(try await bytes(of: row.item, in: account).count == Int(row.size))
                }
            }
            #expect(try await account.quota().messages == total)
        }
        #expect(try await store.shard.verify(repair: false) { _, _ in }.findings == [])
        await store.end()
    }

    private static func act(_ worker: Int, _ step: Int, _ store: StoreFixture, _ account: any AccountStore) async throws
    {
        let number = worker * 100 + step
        switch (worker + step) % 7 {
        case 0, 1:
            _ = try await store.shard.deliver(
                store.delivery(
                    "D\(number)", store.message(number), to: [store.alice, store.bob], remote: ["r\(number)@x.example"])
            )
        case 2:
            let message = NewMessage(
                try await store.stage(store.message(number)),
                flags: MessageFlags(keywords: [Keyword("k\(number % 5)")]),
                received: store.clock.now)
            _ = try await account.append([message, message], to: SystemFolder.drafts)
        case 3:
            _ = try await account.changeFlags(
                .add(MessageFlags([.seen, .deleted], keywords: [Keyword("x\(step)")])),
                of: UIDSet([1...UInt32(step + 1)]),
                in: SystemFolder.inbox, unchangedSince: nil)
        case 4: _ = try await account.copy(.all, from: SystemFolder.drafts, to: SystemFolder.archive)
        case 5: _ = try await account.move(UIDSet([1...5]), from: SystemFolder.inbox, to: SystemFolder.archive)
        default:
            _ = try await account.expunge(.all, in: SystemFolder.archive, onlyDeleted: step % 2 == 0)
            _ = try await account.undelete(account.recoverable(limit: 2).map(\.item))
        }
    }
}
