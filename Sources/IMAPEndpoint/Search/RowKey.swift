import MailModel
import MailStore

/// A search key that a snapshot's arrays answer.
enum RowKey: Sendable {
    /// `flags & mask == wanted`.
    case flags(mask: SystemFlags, wanted: SystemFlags)
    /// By number of keyword set: whether a row with it matches.
    case keywordSets([Bool])
    /// Indexes into the folder, ascending.
    case rows([Range<Int>])
    case uids(UIDSet)
    /// INTERNALDATE in seconds since 1970.
    case received(Range<Int64>)
    case size(Range<UInt64>)
    case change(atLeast: Int64)

    /// One row, `index` in its folder.
    func matches(_ chunk: MailboxChunk, _ row: Int, _ index: Int) -> Bool {
        switch self {
        case .flags(let mask, let wanted): chunk.flags[row].intersection(mask) == wanted
        case .keywordSets(let matching): Self.matches(matching, chunk.keywordSets[row])
        case .rows(let ranges): Self.first(in: ranges, endingAfter: index).map { ranges[$0].contains(index) } ?? false
        case .uids(let uids): uids.contains(chunk.uids[row])
        case .received(let range): range.contains(chunk.received[row])
        case .size(let range): range.contains(UInt64(chunk.sizes[row]))
        case .change(let least): chunk.changes[row] >= least
        }
    }

    /// All rows of a chunk whose first row has the index `start`; a nanosecond or two a row.
    func rows(_ chunk: MailboxChunk, start: Int) -> RowBits {
        let count = chunk.count
        switch self {
        case .flags(let mask, let wanted):
            let (mask, wanted) = (mask.rawValue, wanted.rawValue)
            return chunk.flags.withUnsafeBufferPointer { flags in
                RowBits(count: count) { flags[$0].rawValue & mask == wanted }
            }
        case .keywordSets(let matching):
            return RowBits(count: count) { Self.matches(matching, chunk.keywordSets[$0]) }
        case .rows(let ranges):
            var bits = RowBits(count: count)
            for range in ranges[(Self.first(in: ranges, endingAfter: start) ?? ranges.count)...] {
                guard range.lowerBound < start + count else { break }
                let part = range.clamped(to: start..<start + count)
                bits.insert(part.lowerBound - start..<part.upperBound - start)
            }
            return bits
        case .uids(let uids):
            if uids.isEmpty { return RowBits(count: count) }
            return RowBits(count: count) { uids.contains(chunk.uids[$0]) }
        case .received(let range):
            let (low, high) = (range.lowerBound, range.upperBound)
            return chunk.received.withUnsafeBufferPointer { received in
                RowBits(count: count) { received[$0] >= low && received[$0] < high }
            }
        case .size(let range):
            return chunk.sizes.withUnsafeBufferPointer { sizes in
                RowBits(count: count) { range.contains(UInt64(sizes[$0])) }
            }
        case .change(let least):
            return chunk.changes.withUnsafeBufferPointer { changes in RowBits(count: count) { changes[$0] >= least } }
        }
    }

    /// The position of the first range with an index above `index` or equal to it; nil if there is none.
    private static func first(in ranges: [Range<Int>], endingAfter index: Int) -> Int? {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= index { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count ? low : nil
    }

    /// A set numbered beyond those the search knows came later than the snapshot.
    private static func matches(_ matching: [Bool], _ set: UInt16) -> Bool {
        Int(set) < matching.count && matching[Int(set)]
    }
}
