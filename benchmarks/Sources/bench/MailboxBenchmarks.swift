import IMAPEndpoint
import IMAPWire
import MailModel
import MailStore
import NIOCore

/// What a session does with an open folder of 100,000 messages; no database is touched.
enum MailboxBenchmarks {
    static let count = 100_000

    static func all() async throws -> [Benchmark] {
        let snapshot = snapshot { _ in false }
        let oneChanged = replacing([50], of: snapshot)
        let allChanged = replacing(Set(snapshot.chunks.indices), of: snapshot)
        let now = Timestamp(seconds: 1_800_000_000)
        let shard = MemoryShard(now: { now })
        guard let address = EmailAddress("alice@example.test"), let domain = DomainName("example.test") else {
            return []
        }
        try await shard.directory.addDomain(DomainRecord(name: domain, created: now), actor: .system)
        let record = try await shard.directory.addAccount(
            NewAccount(address: address, created: now), credentials: [], aliases: [], actor: .system)
        let account = try await shard.account(record.id)
        return [
            Benchmark("`FETCH 1:* (UID FLAGS)`, per message", "ns") {
                try await fetch("a FETCH 1:* (UID FLAGS)\r\n", snapshot, account)
            },
            Benchmark("`FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)`, per message", "ns") {
                try await fetch("a FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)\r\n", snapshot, account)
            },
            Benchmark("`SEARCH UNSEEN`, per message", "ns") {
                try await search("a SEARCH UNSEEN\r\n", snapshot, account, now)
            },
            Benchmark("`SEARCH DELETED SINCE 1-Jan-2027`, per message", "ns") {
                try await search("a SEARCH DELETED SINCE 1-Jan-2027\r\n", snapshot, account, now)
            },
            Benchmark("difference of snapshots, one chunk of 98 changed", "µs") {
                try difference(snapshot, oneChanged, 1, rounds: 200)
            },
            Benchmark("difference of snapshots, all chunks changed", "µs") {
                try difference(snapshot, allChanged, snapshot.chunks.count, rounds: 10)
            },
        ]
    }

    private static func snapshot(_ isSeen: (Int) -> Bool) -> MailboxSnapshot {
        var chunks: [MailboxChunk] = []
        for start in stride(from: 0, to: count, by: MailboxChunk.capacity) {
            let rows = start..<min(count, start + MailboxChunk.capacity)
            chunks.append(
                MailboxChunk(
                    uids: rows.map { UInt32($0 + 1) }, items: rows.map { Int64($0 + 300) },
                    flags: rows.map { $0 % 10 == 0 ? [] : $0 % 7 == 0 ? [.seen, .answered] : [.seen] },
                    keywordSets: rows.map { _ in 0 }, changes: rows.map { Int64($0 + 1) },
                    sizes: rows.map { UInt32(2000 + $0 % 30_000) },
                    received: rows.map { 1_700_000_000 + Int64($0) * 60 }))
        }
        return MailboxSnapshot(
            folder: SystemFolder.inbox, uidValidity: 1, uidNext: UInt32(count + 1),
            highestChange: ChangeNumber(Int64(count)),
            chunks: chunks, keywordSets: KeywordSets(), unseen: count / 10)
    }

    /// The same folder after a change of one message in each of the chunks.
    private static func replacing(_ numbers: Set<Int>, of snapshot: MailboxSnapshot) -> MailboxSnapshot {
        var chunks = snapshot.chunks
        for number in numbers {
            let old = chunks[number]
            var (flags, changes) = (old.flags, old.changes)
            flags[0].insert(.flagged)
            changes[0] = Int64(count + 1)
            chunks[number] = MailboxChunk(
                uids: old.uids, items: old.items, flags: flags, keywordSets: old.keywordSets, changes: changes,
                sizes: old.sizes, received: old.received)
        }
        return MailboxSnapshot(
            folder: snapshot.folder, uidValidity: 1, uidNext: snapshot.uidNext,
            highestChange: ChangeNumber(Int64(count + 1)),
            chunks: chunks, keywordSets: snapshot.keywordSets, unseen: snapshot.unseen)
    }

    private static func difference(_ old: MailboxSnapshot, _ new: MailboxSnapshot, _ expected: Int, rounds: Int) throws
        -> Double
    {
        Stopwatch.cpu(rounds) {
            for _ in 0..<rounds {
                precondition(MailboxDifference(from: old, to: new).changed.count == expected, "a wrong difference")
            }
        } * 1e6
    }

    private static func command(_ line: String) -> IMAPWire.Command? {
        var input = ByteBuffer(string: line)
        var parser = CommandParser()
        guard case .command(_, let command) = parser.next(&input) else { return nil }
        return command
    }

    private static func fetch(_ line: String, _ snapshot: MailboxSnapshot, _ account: any AccountStore) async throws
        -> Double
    {
        guard case .fetch(let command) = command(line), let request = FetchRequest(command, in: snapshot) else {
            preconditionFailure("no FETCH")
        }
        let sink = CountingSink()
        let times = try await Stopwatch.both(count) {
            var renderer = FetchRenderer(request, store: account, sink: sink)
            _ = try await renderer.run()
            _ = await sink.flush()
        }
        precondition(sink.bytes > count * 20, "an answer is missing")
        return times.cpu * 1e9
    }

    private static func search(
        _ line: String, _ snapshot: MailboxSnapshot, _ account: any AccountStore, _ now: Timestamp
    ) async throws -> Double {
        guard case .search(let command) = command(line), let request = SearchRequest(command, in: snapshot, now: now)
        else {
            preconditionFailure("no SEARCH")
        }
        let times = try await Stopwatch.both(count * 5) {
            for _ in 0..<5 {
                var evaluator = SearchEvaluator(request, store: account, workers: DirectWorkers())
                keep(try await evaluator.run().result.numbers.count)
            }
        }
        return times.cpu * 1e9
    }
}

/// A connection that takes everything at once.
final class CountingSink: ResponseSink {
    var output = ByteBuffer()
    private(set) var bytes = 0

    func flush() async -> Bool {
        bytes += output.readableBytes
        output.clear()
        return true
    }
}

struct DirectWorkers: SearchWorkers {
    func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result { body() }
}
