import Accounts
import Dispatch
import IMAPWire
import MailModel
import MailStore
import NIOCore
import SessionIO
import Synchronization
import Testing

@testable import IMAPEndpoint

/// Who wants too much is told so, and others are served meanwhile.
@Suite(.timeLimit(.minutes(1))) struct LimitTests {
    private static let login = "l LOGIN alice@example.test \"\(ConversationServer.password)\""

    @Test func sessionsOfAnAccount() async throws {
        let server = try await ConversationServer(sessionsPerAccount: 1)
        let first = try await ConversationClient(server.address)
        _ = await first.line()
        #expect(await first.ask(Self.login).last?.hasPrefix("l OK") == true)
        let second = try await ConversationClient(server.address)
        _ = await second.line()
        let refused = await second.ask(Self.login)
        #expect(refused == ["l NO [LIMIT] Too many sessions of this account; close some or try again later"])
        #expect(await first.ask("b LOGOUT").last?.hasPrefix("b OK") == true)
        await first.close()
        await server.stop()
    }

    @Test func aSessionWithoutLogin() async throws {
        let server = try await ConversationServer { $0.loginTimeout = .milliseconds(50) }
        let client = try await ConversationClient(server.address)
        _ = await client.line()
        client.send("a NOOP\r\n")
        var last: String?
        while let line = await client.line() { last = line }
        #expect(last == "* BYE Autologout: idle for too long")
        await server.stop()
    }

    @Test func memoryForMessages() async throws {
        let policy = SessionPolicy(intakeMemory: 100_000)
        let server = try await ConversationServer(policy: policy)
        let client = try await ConversationClient(server.address)
        _ = await client.line()
        _ = await client.ask(Self.login)
        let message = String(repeating: "x", count: 200_000)
        let refused = await client.ask("a APPEND INBOX {200000+}\r\n" + message)
        #expect(refused == ["a NO [UNAVAILABLE] Too many messages are coming in; try again later"])
        let taken = await client.ask("b APPEND INBOX {7+}\r\nA: b\r\n\r")
        #expect(taken.last?.hasPrefix("b OK") == true)
        #expect(policy.intakeMemory.used == 0)
        await client.close()
        await server.stop()
    }

    @Test func searchesTakeTurns() async throws {
        let turns = SearchTurns(limit: 1)
        let (alice, bob) = (AccountID(1), AccountID(2))
        await turns.begin(alice)
        await turns.begin(bob)
        let order = Order()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await turns.begin(alice)
                order.add("second")
                turns.end(alice)
            }
            order.add("first")
            turns.end(alice)
        }
        turns.end(bob)
        #expect(order.all == ["first", "second"])
        #expect(turns.count == 0)
    }

    @Test("One account's queue of slices is not in the way of another's")
    func accountsTakeTurns() async throws {
        let threads = SearchThreads(threads: 1)
        let (alice, bob) = (threads.workers(for: AccountID(1)), threads.workers(for: AccountID(2)))
        let order = Order()
        let gate = DispatchGate()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await alice.run { gate.wait() } }
            await gate.entered()
            for _ in 0..<50 { group.addTask { await alice.run { order.add("alice") } } }
            while threads.waiting < 50 { await Task.yield() }
            group.addTask { await bob.run { order.add("bob") } }
            while threads.waiting < 51 { await Task.yield() }
            gate.open()
        }
        #expect(order.all.firstIndex(of: "bob") ?? 50 <= 1)
    }

    @Test("A search of a thousand keys over a large folder does not hold the event loop")
    func searchOfMaximalCost() async throws {
        let chunks = (0..<40).map { chunk in
            let uids = (0..<1024).map { UInt32(chunk * 1024 + $0 + 1) }
            return MailboxChunk(
                uids: uids, items: uids.map { Int64($0) }, flags: uids.map { _ in [] },
                keywordSets: uids.map { _ in 0 },
                changes: uids.map { Int64($0) }, sizes: uids.map { $0 }, received: uids.map { Int64($0) })
        }
        let snapshot = MailboxSnapshot(
            folder: SystemFolder.inbox, uidValidity: 1, uidNext: 50_000, highestChange: ChangeNumber(50_000),
            chunks: chunks, keywordSets: KeywordSets(), unseen: 0)
        let workers = StubWorkers()
        let keys = (0..<1000).map { SearchKey.or(.larger(UInt64($0)), .smaller(UInt64($0))) }
        let outcome = try await SearchFixture(snapshot).outcome(.and(keys), workers: workers)
        #expect(outcome.result.numbers.count == 40 * 1024 - 999)
        #expect(workers.runs >= 40)
    }
}

private final class Order: Sendable {
    private let names = Mutex<[String]>([])
    var all: [String] { names.withLock { $0 } }
    func add(_ name: String) { names.withLock { $0.append(name) } }
}

/// Holds a thread until opened.
private final class DispatchGate: Sendable {
    private let (began, begin) = AsyncStream<Void>.makeStream()
    private let semaphore = DispatchSemaphore(value: 0)

    func wait() {
        begin.yield()
        semaphore.wait()
    }

    func entered() async { for await _ in began { return } }

    func open() { semaphore.signal() }
}
