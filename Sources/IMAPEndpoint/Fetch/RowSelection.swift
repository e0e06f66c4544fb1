package import IMAPWire
package import MailStore

/// Rows of a snapshot that a command means: ascending, disjoint ranges of indexes (message sequence number minus one).
package struct RowSelection: Hashable, Sendable {
    package private(set) var ranges: [Range<Int>] = []

    package var isEmpty: Bool { ranges.isEmpty }
    package var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// Ranges must be ascending and disjoint; empty ones are dropped.
    package init(_ ranges: [Range<Int>]) {
        self.ranges = ranges.filter { !$0.isEmpty }
    }

    /// The rows that `uids` names; numbers without a message are ignored (RFC 9051 §6.4.9).
    package init(uids: MessageSet, in snapshot: MailboxSnapshot) {
        let largest = snapshot.uid(at: snapshot.count - 1) ?? 0
        for range in uids.resolved(largest: largest) where range.lowerBound <= largest {
            let start = snapshot.lowerBound(uid: range.lowerBound)
            let end = range.upperBound >= largest ? snapshot.count : snapshot.lowerBound(uid: range.upperBound + 1)
            if start < end { ranges.append(start..<end) }
        }
    }

    /// The rows with these sequence numbers; nil if one of them is not in use, which is the client's fault (RFC 9051 §6.4.5:
    /// BAD).
    package init?(numbers: MessageSet, in snapshot: MailboxSnapshot) {
        for range in numbers.resolved(largest: UInt32(clamping: snapshot.count)) {
            guard range.lowerBound >= 1, range.upperBound <= snapshot.count else { return nil }
            ranges.append(Int(range.lowerBound) - 1..<Int(range.upperBound))
        }
    }

    /// Either of the two.
    package init?(_ set: MessageSet, isUID: Bool, in snapshot: MailboxSnapshot) {
        if isUID {
            self.init(uids: set, in: snapshot)
        } else {
            self.init(numbers: set, in: snapshot)
        }
    }
}
