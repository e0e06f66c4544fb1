import MailModel
import MailStore
import Testing

@Suite struct DeliveryContractTests {
    @Test(arguments: Twin.allCases)
    func oneMessageForSeveral(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let delivery = try await store.delivery(
            "01AAAA", store.message(1), to: [store.alice, store.bob],
            remote: ["x@elsewhere.example", "y@elsewhere.example"])
        let result = try await store.shard.deliver(delivery)
        #expect(result.outcomes.count == 2)
        for (record, outcome) in zip([store.alice, store.bob], result.outcomes) {
            guard case .stored(let item) = outcome else {
                Issue.record("not stored: \(outcome)")
                continue
            }
            let account = try await store.shard.account(record.id)
            #expect(try await bytes(of: item, in: account) == Array(store.message(1).utf8))
            #expect(try await account.mailbox(SystemFolder.inbox).count == 1)
        }
        #expect(try await store.shard.queue.count() == 2)
        let entry = try #require(
            try await store.shard.queue.list(QueueFilter(recipient: "y@elsewhere.example"), after: nil, limit: 10).first
        )
        #expect(entry.sender == "sender@example.org")
        #expect(entry.domain == "elsewhere.example")
        #expect(entry.messageID == "<1@example.test>")
        #expect(entry.state == .ready)
        #expect(try await store.shard.queue.list(QueueFilter(), after: entry.id, limit: 10).isEmpty)
        let events = try await store.shard.traces.query(TraceFilter(delivery: DeliveryID("01AAAA")), limit: 10)
        #expect(events.map(\.stage) == ["deliver"])
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func repetitionIsHarmless(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let first = try await store.delivery(
            "01AAAA", store.message(1), to: [store.alice], remote: ["x@elsewhere.example"])
        _ = try await store.shard.deliver(first)
        let again = try await store.delivery(
            "01AAAA", store.message(1), to: [store.alice, store.bob], remote: ["x@elsewhere.example"])
        let result = try await store.shard.deliver(again)
        #expect(result.outcomes.first == .duplicate)
        guard case .stored = result.outcomes[1] else {
            Issue.record("bob has none yet")
            return
        }
        #expect(try await store.shard.queue.count() == 1)
        #expect(try await store.account().mailbox(SystemFolder.inbox).count == 1)
        #expect(try await store.account().quota().messages == 1)
        await store.end()
    }

    /// A message and the report about it: both or neither.
    @Test(arguments: Twin.allCases)
    func wholeOrNotAtAll(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        var first = try await store.delivery(
            "01AAAA", store.message(1), to: [store.alice, store.bob], remote: ["x@elsewhere.example"])
        first.local[1].account = AccountID(999)
        first.isWhole = true
        let second = try await store.delivery("01AAAB", store.message(2), to: [store.alice])
        let refused = try await store.shard.deliver([first, second])
        #expect(refused.map(\.hasFailure) == [true, false])
        #expect(refused[0].outcomes[0] == .withheld && refused[1].outcomes == [.withheld])
        #expect(try await store.account().mailbox(SystemFolder.inbox).count == 0)
        #expect(try await store.shard.queue.count() == 0)
        #expect(try await store.shard.traces.query(TraceFilter(), limit: 10).isEmpty)

        first.local.removeLast()
        let stored = try await store.shard.deliver([first, second])
        #expect(!stored.contains { $0.hasFailure })
        #expect(try await store.account().mailbox(SystemFolder.inbox).count == 2)
        #expect(try await store.shard.queue.count() == 1)
        #expect(try await store.shard.verify(repair: false) { _, _ in }.findings.isEmpty)
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func whatIsMissingFailsAlone(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        var delivery = try await store.delivery("01AAAA", store.message(1), to: [store.alice])
        delivery.local.append(
            LocalPlacement(account: AccountID(77), folder: SystemFolder.inbox, recipient: address("ghost@example.test"))
        )
        delivery.local.append(
            LocalPlacement(account: store.bob.id, folder: FolderID(7777), recipient: store.bob.address))
        let result = try await store.shard.deliver(delivery)
        guard case .stored = result.outcomes[0], case .failed(.notFound) = result.outcomes[1],
            case .failed(.notFound) = result.outcomes[2]
        else {
            Issue.record("\(result.outcomes)")
            return
        }
        await #expect(throws: StoreError.self) { try await store.shard.account(AccountID(77)) }
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func oneStagedMessageServesSeveralCommits(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let delivery = try await store.delivery("01AAAA", store.message(5), to: [store.bob])
        _ = try await store.shard.deliver(delivery)
        let sent = try await account.append(
            [NewMessage(delivery.message, flags: MessageFlags(.seen), received: store.clock.now)], to: SystemFolder.sent
        )
        #expect(try await bytes(of: sent.items[0], in: account) == Array(store.message(5).utf8))
        #expect(try await store.shard.verify(repair: false) { _, _ in }.findings == [])
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func tracesAreFoundByWhatOneKnows(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        for number in 1...3 {
            store.clock.advance(days: 1)
            store.shard.traces.record([
                TraceEvent(
                    time: store.clock.now, delivery: DeliveryID("0\(number)"), stage: "refuse", sender: "S@x.example",
                    recipient: "r\(number)@example.test", outcome: "refused", code: 550, enhanced: "5.1.1", text: "no")
            ])
        }
        // Lines are written behind the scenes: a commit after them comes later.
        try await store.fill(1)
        let all = try await store.shard.traces.query(TraceFilter(sender: "s@X.example"), limit: 10)
        #expect(all.map(\.delivery.rawValue) == ["01", "02", "03"])
        #expect(all.first?.code == 550)
        #expect(try await store.shard.traces.query(TraceFilter(recipient: "r2@example.test"), limit: 10).count == 1)
        #expect(try await store.shard.traces.query(TraceFilter(since: store.clock.now), limit: 10).count == 1)
        await store.end()
    }
}
