/// One element of a sequence set (RFC 9051 §9 "seq-number", "seq-range"): message sequence numbers or UIDs.
package struct MessageRange: Hashable, Sendable {
    /// As written; 0 stands for `*`, the largest number in use.
    package let first: UInt32
    /// As written; 0 stands for `*`. May be smaller than `first` (RFC 9051 §9: the order does not matter).
    package let last: UInt32

    package init(_ first: UInt32, _ last: UInt32) {
        self.first = first
        self.last = last
    }

    package init(_ number: UInt32) { self.init(number, number) }

    /// The numbers meant when `largest` is the largest in use. Nil when `*` is asked of an empty mailbox (`largest` 0).
    package func resolved(largest: UInt32) -> ClosedRange<UInt32>? {
        let from = first == 0 ? largest : first
        let to = last == 0 ? largest : last
        guard from > 0, to > 0 else { return nil }
        return min(from, to)...max(from, to)
    }
}

/// Which messages a command means: numbers or UIDs, the command says which of both.
package enum MessageSet: Hashable, Sendable {
    case ranges([MessageRange])
    /// `$`, the result saved by the last SEARCH RETURN (SAVE) (RFC 5182); reserved, not announced.
    case saved

    package static func single(_ number: UInt32) -> MessageSet { .ranges([MessageRange(number)]) }

    /// The numbers meant, ascending, disjoint and merged; `largest` is the largest sequence number or UID in use (0 if
    /// the mailbox is empty). Not clipped to `largest`: what is out of range is for the caller to refuse or ignore.
    package func resolved(largest: UInt32) -> [ClosedRange<UInt32>] {
        guard case .ranges(let ranges) = self else { return [] }
        var resolved = ranges.compactMap { $0.resolved(largest: largest) }
        guard resolved.count > 1 else { return resolved }
        resolved.sort { $0.lowerBound < $1.lowerBound }
        var merged: [ClosedRange<UInt32>] = [resolved[0]]
        for range in resolved.dropFirst() {
            let previous = merged[merged.count - 1]
            if range.lowerBound <= previous.upperBound || range.lowerBound == previous.upperBound &+ 1 {
                merged[merged.count - 1] = previous.lowerBound...max(previous.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}

/// Numbers that the server reports (ESEARCH ALL, COPYUID, APPENDUID, MODIFIED), compact: `1:3,7`.
package struct NumberSet: Hashable, Sendable {
    /// In the order in which they were appended.
    package private(set) var ranges: [ClosedRange<UInt32>] = []

    package init() {}

    package init(_ numbers: some Sequence<UInt32>) {
        for number in numbers { append(number) }
    }

    package var isEmpty: Bool { ranges.isEmpty }
    package var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Adds `number`; joins the last range if it follows it directly.
    package mutating func append(_ number: UInt32) {
        if let last = ranges.last, last.upperBound != .max, last.upperBound + 1 == number {
            ranges[ranges.count - 1] = last.lowerBound...number
        } else {
            ranges.append(number...number)
        }
    }
}
