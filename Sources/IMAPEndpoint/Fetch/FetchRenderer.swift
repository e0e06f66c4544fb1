import Bytes
import IMAPWire
import MailModel
package import MailStore
import MessageFormat
import NIOCore

/// Answers FETCH (RFC 9051 §6.4.5): writes `* n FETCH (…)` for each message into a sink.
///
/// Items of the mailbox index go through `IndexRenderer`, a few hundred messages at a time. Envelopes and structures come
/// from stored summaries, fetched in batches. Content is read and sent in pieces, with the sink's back-pressure between them,
/// so that memory stays below about a megabyte whatever is asked.
///
/// A message is told whole or not at all. Its line stays in the sink's buffer until it is complete, and is taken back if
/// something cannot be read; only a line that has grown past `flushSize` is sent while its end is unknown. If that end
/// cannot be had, the literal announced cannot be completed, and the connection must be closed: `FetchInterruption`.
package struct FetchRenderer {
    private let request: FetchRequest
    private let plan: FetchPlan
    private let store: any AccountStore
    private let sink: any ResponseSink
    private let text: WireText
    private var index: IndexRenderer?
    private var outcome = FetchOutcome()

    /// Index rows written between looks at the clock and the connection: about 10 µs.
    private static let indexBatch = 512
    /// Messages whose summaries are fetched in one round trip.
    private static let summaryBatch = 64
    /// Bytes gathered before they are handed to the connection.
    private static let flushSize = 64 << 10

    package init(_ request: FetchRequest, store: any AccountStore, sink: any ResponseSink) {
        self.request = request
        self.store = store
        self.sink = sink
        plan = FetchPlan(request)
        text = WireText(allowsUTF8: request.allowsUTF8)
        if !plan.index.isEmpty {
            index = IndexRenderer(
                request.snapshot, items: plan.index, recent: request.recent, changedSince: request.changedSince)
        }
    }

    /// Tells all messages. What is left in the sink's buffer then, the session sends together with the tagged reply.
    package mutating func run() async throws(FetchInterruption) -> FetchOutcome {
        do {
            if plan.other.isEmpty {
                try await tellIndex()
            } else {
                try await tellContent()
            }
        } catch .connectionLost {
            throw .connectionLost
        } catch {
            // Only a failure behind an announced literal comes through.
            throw .contentLost(number: failedNumber, Self.storeError(error))
        }
        return outcome
    }

    private var failedNumber = 0

    private static func storeError(_ failure: MessageFailure) -> StoreError {
        if case .store(let error) = failure { return error }
        return .damaged("content cannot be decoded")
    }

    // MARK: Mailbox index

    private mutating func tellIndex() async throws(MessageFailure) {
        guard index != nil else { return }
        var batches = 0
        for range in request.rows.ranges {
            var next = range.lowerBound
            while next < range.upperBound {
                let end = min(next + Self.indexBatch, range.upperBound)
                index?.writeLines(next..<end, into: &sink.output)
                next = end
                if sink.output.readableBytes >= Self.flushSize { try await flush() }
                batches += 1
                // A fast client never makes `flush` wait; the loop's other connections get their turn here.
                if batches % 32 == 0 { await sink.giveWay() }
            }
        }
    }

    // MARK: Summaries and content

    private mutating func tellContent() async throws(MessageFailure) {
        let since = request.changedSince.map { Int64(clamping: $0) } ?? -1
        var batch: [Int] = []
        for range in request.rows.ranges {
            var next = range.lowerBound
            while next < range.upperBound, let position = request.snapshot.position(at: next) {
                let chunk = request.snapshot.chunks[position.chunk]
                let end = min(chunk.count, position.row + range.upperBound - next)
                for row in position.row..<end where chunk.changes[row] > since {
                    batch.append(next + row - position.row)
                    if batch.count == Self.summaryBatch {
                        try await tell(batch)
                        batch.removeAll(keepingCapacity: true)
                    }
                }
                next += end - position.row
            }
        }
        try await tell(batch)
    }

    private mutating func tell(_ batch: [Int]) async throws(MessageFailure) {
        var rest = batch[...]
        while !rest.isEmpty { rest = rest.dropFirst(try await tellFirst(of: Array(rest))) }
    }

    /// Tells those of `batch` whose summaries come in one answer, and returns how many.
    private mutating func tellFirst(of batch: [Int]) async throws(MessageFailure) -> Int {
        let rows = batch.compactMap { request.snapshot.row(at: $0) }
        guard !rows.isEmpty, rows.count == batch.count else { return batch.count }
        let items = rows.map(\.item)
        var summaries: [[UInt8]?]?
        var identities: [ItemIdentity?]?
        do {
            if plan.needsSummary { summaries = try await store.summaries(of: items) }
            if plan.needsIdentity { identities = try await store.identities(of: items) }
        } catch {
            for number in batch { note(number + 1, .store(error)) }
            return batch.count
        }
        let count = min(summaries?.count ?? rows.count, rows.count)
        for (position, row) in rows.prefix(count).enumerated() {
            let number = batch[position] + 1
            if let summaries, summaries[position] == nil {
                outcome.expunged.append(UInt32(clamping: number))
                continue
            }
            try await tell(
                number, row, summary: summaries?[position] ?? nil, identity: identities?[position] ?? nil)
            if sink.output.readableBytes >= Self.flushSize { try await flush() }
        }
        // An answer for none would never end.
        return count > 0 ? count : batch.count
    }

    private mutating func tell(
        _ number: Int, _ row: MailboxRow, summary: [UInt8]?, identity: ItemIdentity?
    ) async throws(MessageFailure) {
        var line = FetchLine(start: sink.output.writerIndex, sink: sink)
        var content = MessageContent(item: row.item, store: store, summary: summary)
        do {
            try await write(number, identity, &content, &line)
        } catch .connectionLost {
            throw .connectionLost
        } catch {
            guard !line.isSent else {
                failedNumber = number
                throw error
            }
            sink.output.moveWriterIndex(to: line.start)
            note(number, error)
            return
        }
        if plan.setsSeen, !row.flags.contains(.seen) { outcome.unseen.append(row.uid) }
    }

    private mutating func note(_ number: Int, _ failure: MessageFailure) {
        let number = UInt32(clamping: number)
        switch failure {
        case .store(.notFound): outcome.expunged.append(number)
        case .store(let error):
            outcome.failed.append(number)
            if outcome.failure == nil { outcome.failure = error }
        case .unknownEncoding: outcome.undecodable.append(number)
        case .connectionLost: break
        }
    }

    private mutating func write(
        _ number: Int, _ identity: ItemIdentity?, _ content: inout MessageContent, _ line: inout FetchLine
    ) async throws(MessageFailure) {
        sink.output.writeIMAPFetchBegin(number)
        index?.writeItems(at: number - 1, into: &sink.output)
        var isFirst = index == nil
        for attribute in plan.other {
            if !isFirst { sink.output.writeInteger(ASCII.space) }
            isFirst = false
            if line.write(attribute, identity) { continue }
            try await line.write(attribute, &content, text)
        }
        sink.output.writeIMAPFetchEnd()
    }

    private func flush() async throws(MessageFailure) {
        guard await sink.flush() else { throw .connectionLost }
    }
}
