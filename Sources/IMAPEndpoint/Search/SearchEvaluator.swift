import IMAPWire
import MailModel
package import MailStore
import MessageFormat

/// Answers SEARCH (RFC 9051 §6.4.4).
///
/// Each chunk of the snapshot is narrowed by what its arrays can tell, for all keys at once, in a few microseconds. Rows that
/// remain open are asked for their summaries, in batches; only messages that these do not decide are read. Decoding and
/// comparing happen on workers, in slices, so that neither the event loop nor a worker is held for long; between slices a
/// cancelled task ends. Memory is bounded by the slice and by the result.
package struct SearchEvaluator {
    private let request: SearchRequest
    private var program: SearchProgram
    private let store: any AccountStore
    private let workers: any SearchWorkers
    private let isWanted: () -> Bool
    private let giveWay: () async -> Void
    private let isCompiled: Bool
    private var failed = NumberSet()
    private var failure: StoreError?

    /// Rows times keys between looks at the event loop: below a millisecond.
    private static let workPerTurn = 400_000
    /// Messages whose summaries are fetched in one round trip.
    private static let summaryBatch = 64

    /// `isWanted` is asked between slices: a search whose client has gone ends as a cancelled one does. `giveWay` lets other
    /// connections have their turn.
    package init(
        _ request: SearchRequest, store: any AccountStore, workers: any SearchWorkers,
        isWanted: @escaping () -> Bool = { true }, giveWay: @escaping () async -> Void = {}
    ) {
        self.isWanted = isWanted
        self.giveWay = giveWay
        self.request = request
        self.store = store
        self.workers = workers
        isCompiled = !SearchProgram.isLarge(request.key, in: request.snapshot)
        program = SearchProgram(isCompiled ? request.key : .all, request)
    }

    package mutating func run() async throws(SearchInterruption) -> SearchOutcome {
        if !isCompiled { program = await workers.run { [request] in SearchProgram(request.key, request) } }
        let found: [Int]
        switch request.returns {
        case .some([.min]): found = try await scan(fromEnd: false, stopAtFirst: true)
        case .some([.max]): found = try await scan(fromEnd: true, stopAtFirst: true)
        case .some([.min, .max]):
            let first = try await scan(fromEnd: false, stopAtFirst: true)
            let last = first.isEmpty ? [] : try await scan(fromEnd: true, stopAtFirst: true)
            found = first == last ? first : first + last
        default: found = try await scan(fromEnd: false, stopAtFirst: false)
        }
        guard found.count > 20_000 else { return Self.outcome(found, request, failed, failure) }
        return await workers.run { [request, failed, failure] in Self.outcome(found, request, failed, failure) }
    }

    private static func outcome(
        _ found: [Int], _ request: SearchRequest, _ failed: NumberSet, _ failure: StoreError?
    ) -> SearchOutcome {
        var numbers: [UInt32] = []
        numbers.reserveCapacity(found.count)
        var highest: Int64 = 0
        var chunk = 0
        for index in found {
            // Ascending: the chunk is this one or a later one.
            while request.snapshot.starts[chunk + 1] <= index { chunk += 1 }
            let row = index - request.snapshot.starts[chunk]
            highest = max(highest, request.snapshot.chunks[chunk].changes[row])
            numbers.append(request.isUID ? request.snapshot.chunks[chunk].uids[row] : UInt32(clamping: index + 1))
        }
        let modSequence = request.key.usesModSequence && !numbers.isEmpty ? ChangeNumber(highest) : nil
        return SearchOutcome(
            result: SearchResult(numbers: numbers, highestModSequence: modSequence), failed: failed, failure: failure)
    }

    /// Indexes that match, ascending; the first one met if that is all that is wanted.
    private mutating func scan(fromEnd: Bool, stopAtFirst: Bool) async throws(SearchInterruption) -> [Int] {
        let chunks = request.snapshot.chunks
        var found: [Int] = []
        var work = 0
        for turn in 0..<chunks.count {
            if turn == 0 || work >= Self.workPerTurn {
                if turn > 0 { await giveWay() }
                try checkCancelled()
                work = 0
            }
            let number = fromEnd ? chunks.count - 1 - turn : turn
            let chunk = chunks[number]
            let start = request.snapshot.starts[number]
            // Even an empty chunk costs a look at each key.
            let cost = (chunk.count + 16) * program.size
            work += cost
            let rows: SearchProgram.Rows
            if cost > Self.workPerTurn {
                rows = await workers.run { [program] in program.rows(chunk, start: start) }
            } else {
                rows = program.rows(chunk, start: start)
            }
            var hits = rows.certain
            let open = fromEnd ? rows.open.rows.reversed() : rows.open.rows
            var position = 0
            while position < open.count {
                let batch = Array(open[position..<min(position + Self.summaryBatch, open.count)])
                position += batch.count
                var rest = batch[...]
                while !rest.isEmpty {
                    let (matches, count) = try await matching(Array(rest), of: chunk, start: start)
                    for row in matches { hits.insert(row) }
                    rest = rest.dropFirst(count)
                }
                if stopAtFirst, let best = fromEnd ? hits.rows.last : hits.rows.first, let last = batch.last,
                    fromEnd ? best >= last : best <= last
                {
                    return [start + best]
                }
            }
            let matches = hits.rows
            if stopAtFirst {
                if let best = fromEnd ? matches.last : matches.first { return [start + best] }
            } else {
                found.append(contentsOf: matches.lazy.map { start + $0 })
            }
        }
        return found
    }

    private func checkCancelled() throws(SearchInterruption) {
        if Task.isCancelled || !isWanted() { throw .cancelled }
    }

    // MARK: Rows that the arrays cannot decide

    /// Those that match of the rows whose summaries come in one answer, and how many these are.
    private mutating func matching(
        _ rows: [Int], of chunk: MailboxChunk, start: Int
    ) async throws(SearchInterruption) -> (matches: [Int], count: Int) {
        try checkCancelled()
        let items = rows.map { ItemID(chunk.items[$0]) }
        let summaries: [[UInt8]?]
        var identities: [ItemIdentity?] = []
        do {
            summaries = try await store.summaries(of: items)
            if program.stored.contains(where: \.needsIdentity) { identities = try await store.identities(of: items) }
        } catch {
            throw .store(error)
        }
        let lookup = SummaryLookup(
            program: program, chunk: chunk, start: start, rows: rows, summaries: summaries, identities: identities)
        let (decided, open) = await workers.run { lookup.decide() }
        var hits = decided
        let count = summaries.isEmpty ? rows.count : min(summaries.count, rows.count)
        guard !open.isEmpty else { return (hits, count) }
        var reader = ContentSearch(
            program: program, chunk: chunk, start: start, store: store, workers: workers, isWanted: isWanted)
        hits += try await reader.matching(open)
        for (number, error) in reader.failures {
            failed.append(number)
            if failure == nil { failure = error }
        }
        return (hits, count)
    }
}

/// A row that only its content can decide.
struct OpenRow: Sendable {
    let row: Int
    let answers: [Bool?]
    /// Nil if the stored summary is of no use: the message must be parsed first.
    let root: MIMEPart?
}

/// Asks the summaries of a batch of rows.
private struct SummaryLookup: Sendable {
    let program: SearchProgram
    let chunk: MailboxChunk
    let start: Int
    let rows: [Int]
    let summaries: [[UInt8]?]
    let identities: [ItemIdentity?]

    /// The rows that match, and those that stay open. A row without a summary is gone and matches nothing.
    func decide() -> (decided: [Int], open: [OpenRow]) {
        var decided: [Int] = []
        var open: [OpenRow] = []
        for (position, row) in rows.enumerated() where position < summaries.count {
            guard let bytes = summaries[position] else { continue }
            let summary = MessageSummary(decoding: bytes)
            let identity = position < identities.count ? identities[position] : nil
            let answers = program.stored.map { key in
                key.needsIdentity ? identity.flatMap { key.answer($0) } : summary.flatMap { key.answer($0) }
            }
            switch program.verdict(chunk: chunk, row: row, index: start + row, answers) {
            case true: decided.append(row)
            case false: break
            case nil: open.append(OpenRow(row: row, answers: answers, root: summary?.root))
            }
        }
        return (decided, open)
    }
}
