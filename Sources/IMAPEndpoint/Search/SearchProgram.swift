import IMAPWire
import MailModel
import MailStore

/// A search compiled for one snapshot.
struct SearchProgram: Sendable {
    indirect enum Node: Sendable {
        /// Answered by the snapshot's arrays.
        case row(RowKey)
        /// Index into `stored`.
        case stored(Int)
        case not(Node)
        case all([Node])
        case any([Node])
    }

    let root: Node
    /// The keys that need a summary, an identity or content; equal ones once.
    let stored: [StoredKey]
    /// Keys and what joins them: what a row costs, in nanoseconds or so.
    let size: Int

    init(_ key: SearchKey, _ request: SearchRequest) {
        var compiler = Compiler(request: request)
        root = compiler.node(key)
        stored = compiler.stored
        size = compiler.size
    }

    /// Whether compiling takes so long that it is no work for an event loop: a keyword is looked up in every set there is.
    static func isLarge(_ key: SearchKey, in snapshot: MailboxSnapshot) -> Bool {
        key.count * max(snapshot.keywordSets.sets.count, 16) > 20_000
    }

    /// Whether the key holds, as far as it is known: nil if it depends on a key whose answer is nil.
    func verdict(chunk: MailboxChunk, row: Int, index: Int, _ answers: [Bool?]) -> Bool? {
        Self.verdict(root, chunk, row, index, answers)
    }

    private static func verdict(_ node: Node, _ chunk: MailboxChunk, _ row: Int, _ index: Int, _ answers: [Bool?])
        -> Bool?
    {
        switch node {
        case .row(let key): return key.matches(chunk, row, index)
        case .stored(let key): return answers[key]
        case .not(let inner): return verdict(inner, chunk, row, index, answers).map { !$0 }
        case .all(let nodes):
            var result: Bool? = true
            for node in nodes {
                switch verdict(node, chunk, row, index, answers) {
                case false: return false
                case nil: result = nil
                default: break
                }
            }
            return result
        case .any(let nodes):
            var result: Bool? = false
            for node in nodes {
                switch verdict(node, chunk, row, index, answers) {
                case true: return true
                case nil: result = nil
                default: break
                }
            }
            return result
        }
    }

    /// What the arrays alone say about the rows of a chunk.
    struct Rows {
        /// Rows that match whatever the stored keys say.
        var certain: RowBits
        /// Rows that may match: a superset of `certain`.
        var possible: RowBits

        /// Rows that only stored keys can decide.
        var open: RowBits {
            var open = possible
            open.subtract(certain)
            return open
        }
    }

    func rows(_ chunk: MailboxChunk, start: Int) -> Rows {
        Self.rows(root, chunk, start)
    }

    private static func rows(_ node: Node, _ chunk: MailboxChunk, _ start: Int) -> Rows {
        switch node {
        case .row(let key):
            let bits = key.rows(chunk, start: start)
            return Rows(certain: bits, possible: bits)
        case .stored:
            return Rows(certain: RowBits(count: chunk.count), possible: RowBits(count: chunk.count, all: true))
        case .not(let inner):
            var rows = rows(inner, chunk, start)
            rows.certain.invert()
            rows.possible.invert()
            return Rows(certain: rows.possible, possible: rows.certain)
        case .all(let nodes):
            var result = Rows(
                certain: RowBits(count: chunk.count, all: true), possible: RowBits(count: chunk.count, all: true))
            for node in nodes {
                let rows = rows(node, chunk, start)
                result.certain.formIntersection(rows.certain)
                result.possible.formIntersection(rows.possible)
                if result.possible.isEmpty { break }
            }
            return result
        case .any(let nodes):
            var result = Rows(certain: RowBits(count: chunk.count), possible: RowBits(count: chunk.count))
            for node in nodes {
                let rows = rows(node, chunk, start)
                result.certain.formUnion(rows.certain)
                result.possible.formUnion(rows.possible)
            }
            return result
        }
    }
}

extension SearchKey {
    /// Keys and what joins them.
    fileprivate var count: Int {
        switch self {
        case .not(let inner): 1 + inner.count
        case .or(let left, let right): 1 + left.count + right.count
        case .and(let keys): keys.reduce(1) { $0 + $1.count }
        default: 1
        }
    }
}

/// Turns the parsed key into nodes; flags, dates and the rest become plain comparisons.
private struct Compiler {
    let request: SearchRequest
    var stored: [StoredKey] = []
    var size = 0
    private var positions: [StoredKey: Int] = [:]

    init(request: SearchRequest) { self.request = request }

    mutating func node(_ key: SearchKey) -> SearchProgram.Node {
        size += 1
        return switch key {
        case .all: .all([])
        case .flag(let flags, let isSet): .row(.flags(mask: flags, wanted: isSet ? flags : []))
        case .keyword(let keyword, let isSet):
            .row(.keywordSets(request.snapshot.keywordSets.sets.map { $0.contains(keyword) == isSet }))
        case .recent: .row(.uids(request.recent))
        case .old: .not(.row(.uids(request.recent)))
        case .new: .all([.row(.uids(request.recent)), .row(.flags(mask: .seen, wanted: []))])
        case .sequence(let set): .row(.rows(numbers(set)))
        case .uid(let set): .row(.rows(RowSelection(uids: set, in: request.snapshot).ranges))
        case .header(let field, let text): storedKey(.text(TextKey(.field(field), text)))
        case .body(let text): text.isEmpty ? .all([]) : storedKey(.text(TextKey(.body, text)))
        case .text(let text): text.isEmpty ? .all([]) : storedKey(.text(TextKey(.message, text)))
        case .day(.received, let relation, let date): .row(.received(seconds(relation, date)))
        case .day(.sent, let relation, let date): storedKey(.sent(seconds(relation, date)))
        case .day(.saved, let relation, let date): storedKey(.saved(seconds(relation, date)))
        case .larger(let size): .row(.size(UInt64(min(size, UInt64(UInt32.max))) + 1..<UInt64.max))
        case .smaller(let size): .row(.size(0..<size))
        case .older(let age): .row(.received(Int64.min..<request.now.seconds - Int64(age) + 1))
        case .younger(let age): .row(.received(request.now.seconds - Int64(age)..<Int64.max))
        case .modSequence(let number): .row(.change(atLeast: Int64(clamping: number)))
        case .emailID(let id): storedKey(.email(id))
        case .threadID(let id): storedKey(.thread(id))
        case .not(let inner): .not(node(inner))
        case .or(let left, let right): .any([node(left), node(right)])
        case .and(let keys): .all(keys.map { node($0) })
        }
    }

    private mutating func storedKey(_ key: StoredKey) -> SearchProgram.Node {
        if let known = positions[key] { return .stored(known) }
        positions[key] = stored.count
        stored.append(key)
        return .stored(stored.count - 1)
    }

    /// Numbers beyond the last message match nothing.
    private func numbers(_ set: MessageSet) -> [Range<Int>] {
        let count = request.snapshot.count
        return set.resolved(largest: UInt32(clamping: count)).compactMap { range in
            let start = Int(range.lowerBound) - 1
            let end = min(Int(range.upperBound), count)
            return start < end ? start..<end : nil
        }
    }

    /// Seconds since 1970 for which the relation to the day holds. INTERNALDATE is told in UTC, so its days are UTC's.
    private func seconds(_ relation: SearchKey.DayRelation, _ date: CalendarDate) -> Range<Int64> {
        let start = Int64(date.dayNumber) * 86_400
        return switch relation {
        case .before: Int64.min..<start
        case .on: start..<start + 86_400
        case .since: start..<Int64.max
        }
    }
}
