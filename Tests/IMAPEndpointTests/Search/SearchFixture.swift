import IMAPEndpoint
import IMAPWire
import MailModel
import MailStore
import NIOCore
import Synchronization

/// Runs work at once, and counts it.
final class StubWorkers: SearchWorkers {
    private let count = Mutex(0)
    /// Called before each piece of work.
    private let before: @Sendable () -> Void

    init(before: @escaping @Sendable () -> Void = {}) { self.before = before }

    var runs: Int { count.withLock { $0 } }

    func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        before()
        count.withLock { $0 += 1 }
        return body()
    }
}

/// A folder to search; messages have UIDs n × 10 and MODSEQs n × 100, as in `FetchFixture`.
struct SearchFixture {
    let account: StubAccount
    let snapshot: MailboxSnapshot
    static let now = Timestamp(seconds: 1_000_000_000)

    init(_ texts: [String], change: (inout StubAccount.Message, Int) -> Void = { _, _ in }, isUnavailable: Bool = false)
    {
        let fixture = FetchFixture(texts, change: change, isUnavailable: isUnavailable)
        account = fixture.account
        snapshot = fixture.snapshot
    }

    init(_ snapshot: MailboxSnapshot) {
        account = StubAccount([:])
        self.snapshot = snapshot
    }

    func outcome(
        _ key: SearchKey, returns: SearchReturn? = nil, isUID: Bool = false, recent: UIDSet = UIDSet(),
        workers: StubWorkers = StubWorkers()
    ) async throws -> SearchOutcome {
        let request = SearchRequest(
            snapshot: snapshot, key: key, returns: returns, isUID: isUID, now: Self.now, recent: recent)
        var evaluator = SearchEvaluator(request, store: account, workers: workers)
        return try await evaluator.run()
    }

    /// The message numbers found.
    func search(_ key: SearchKey, returns: SearchReturn? = nil, recent: UIDSet = UIDSet()) async throws -> [UInt32] {
        try await outcome(key, returns: returns, recent: recent).result.numbers
    }

    /// Whether the only message matches.
    static func matches(_ message: String, _ key: SearchKey) async throws -> Bool {
        try await SearchFixture([message]).search(key) == [1]
    }
}

extension CalendarDate {
    init(_ year: Int, _ month: Int, _ day: Int) {
        self = CalendarDate(year: year, month: month, day: day) ?? CalendarDate(dayNumber: 0)
    }
}
