import MailModel
import MailStore
import MessageFormat
import NIOCore

/// Reads messages for the keys that nothing else decides. Small ones are read whole and searched several at a time, so that the
/// way to a worker and back is paid once for many; large ones go by in pieces.
struct ContentSearch {
    let program: SearchProgram
    let chunk: MailboxChunk
    let start: Int
    let store: any AccountStore
    let workers: any SearchWorkers
    let isWanted: () -> Bool
    /// Message numbers that could not be read, and why.
    private(set) var failures: [(UInt32, StoreError)] = []

    /// Bytes that one slice of work may have.
    private static let sliceSize = 256 << 10
    /// Messages that one slice of work may have.
    private static let sliceCount = 32

    init(
        program: SearchProgram, chunk: MailboxChunk, start: Int, store: any AccountStore, workers: any SearchWorkers,
        isWanted: @escaping () -> Bool
    ) {
        self.program = program
        self.chunk = chunk
        self.start = start
        self.store = store
        self.workers = workers
        self.isWanted = isWanted
    }

    /// A message whose bytes are at hand.
    private struct Loaded: Sendable {
        let row: Int
        let matcher: ContentMatcher
        /// What the matcher's segments lie in.
        let range: Range<Int>
        let bytes: ByteBuffer
    }

    /// Those of `open` that match.
    mutating func matching(_ open: [OpenRow]) async throws(SearchInterruption) -> [Int] {
        var hits: [Int] = []
        var loaded: [Loaded] = []
        var size = 0
        for row in open {
            if Task.isCancelled || !isWanted() { throw .cancelled }
            do {
                let row = try await described(row)
                guard let root = row.root else { continue }
                let matcher = ContentMatcher(program.stored, answers: row.answers, root: root)
                let low = matcher.segments.map(\.range.lowerBound).min() ?? 0
                let range = low..<max(low, matcher.segments.map(\.range.upperBound).max() ?? 0)
                if range.count <= Self.sliceSize {
                    let reader = try await store.content(of: ItemID(chunk.items[row.row]))
                    let bytes = try await Self.read(range, of: reader)
                    loaded.append(Loaded(row: row.row, matcher: matcher, range: range, bytes: bytes))
                    size += range.count
                } else if try await matchesLarge(row, matcher) {
                    hits.append(row.row)
                }
            } catch {
                note(row.row, error)
            }
            if size >= Self.sliceSize || loaded.count >= Self.sliceCount {
                hits += await search(loaded)
                loaded.removeAll()
                size = 0
            }
        }
        if !loaded.isEmpty { hits += await search(loaded) }
        return hits
    }

    /// The row with the structure of its message, and with the answers that a summary gives.
    private func described(_ row: OpenRow) async throws(StoreError) -> OpenRow {
        guard row.root == nil else { return row }
        var content = MessageContent(item: ItemID(chunk.items[row.row]), store: store, summary: nil)
        let summary = try await content.knownSummary()
        let answers = zip(program.stored, row.answers).map { key, answer in answer ?? key.answer(summary) }
        return OpenRow(row: row.row, answers: answers, root: summary.root)
    }

    private func search(_ loaded: [Loaded]) async -> [Int] {
        let (program, chunk, start) = (program, chunk, start)
        return await workers.run {
            loaded.compactMap { message in
                var matcher = message.matcher
                for (index, segment) in matcher.segments.enumerated() where !matcher.isDone {
                    let offset = message.bytes.readerIndex + segment.range.lowerBound - message.range.lowerBound
                    let bytes = message.bytes.getSlice(at: offset, length: segment.range.count) ?? ByteBuffer()
                    matcher.consume(bytes, of: index, isFirst: true, isLast: true)
                }
                matcher.finish()
                let verdict = program.verdict(
                    chunk: chunk, row: message.row, index: start + message.row, matcher.answers)
                return verdict == true ? message.row : nil
            }
        }
    }

    private func matchesLarge(_ row: OpenRow, _ fresh: ContentMatcher) async throws(StoreError) -> Bool {
        let reader = try await store.content(of: ItemID(chunk.items[row.row]))
        var matcher = fresh
        for (index, segment) in fresh.segments.enumerated() {
            var next = segment.range.lowerBound
            while next < segment.range.upperBound {
                // The caller looks again, and says so.
                if Task.isCancelled || !isWanted() { return false }
                let end = min(next + Self.sliceSize, segment.range.upperBound)
                let bytes = try await Self.read(next..<end, of: reader)
                let (isFirst, isLast) = (next == segment.range.lowerBound, end == segment.range.upperBound)
                let before = matcher
                matcher = await workers.run {
                    var matcher = before
                    matcher.consume(bytes, of: index, isFirst: isFirst, isLast: isLast)
                    return matcher
                }
                next = end
                if let verdict = program.verdict(
                    chunk: chunk, row: row.row, index: start + row.row, matcher.answers)
                {
                    return verdict
                }
            }
        }
        matcher.finish()
        return program.verdict(chunk: chunk, row: row.row, index: start + row.row, matcher.answers) == true
    }

    private static func read(_ range: Range<Int>, of reader: any ContentReader) async throws(StoreError) -> ByteBuffer {
        guard !range.isEmpty else { return ByteBuffer() }
        let bytes = try await reader.read(at: range.lowerBound, length: range.count)
        guard bytes.readableBytes == range.count else {
            throw .damaged("\(bytes.readableBytes) of \(range.count) bytes at \(range.lowerBound)")
        }
        return bytes
    }

    private mutating func note(_ row: Int, _ error: StoreError) {
        // Expunged by somebody else meanwhile: no match, and no failure either.
        if case .notFound = error { return }
        failures.append((UInt32(clamping: start + row + 1), error))
    }
}
