/// The messages of a session, numbered once at login (RFC 1939 §4), and what the client has marked.
///
/// Plain arrays, about 13 bytes a message: mailboxes of a hundred thousand messages are opened every few minutes.
package struct POP3Maildrop: Hashable, Sendable {
    /// Sizes in octets; index 0 is message 1.
    package let sizes: [UInt32]
    /// What makes the unique id of each message, unless `uniqueIDs` has another.
    package let ids: [Int64]
    /// Unique ids that an import brought along, by index; rare.
    private var uniqueIDs: [Int: String] = [:]
    /// Unique ids of the messages before this index are known. They are looked up when UIDL asks, as many sessions never do.
    package private(set) var resolvedCount = 0
    private var marks: [Mark]
    package private(set) var deletedCount = 0
    private var deletedOctets = 0
    private let octets: Int

    private struct Mark: OptionSet, Hashable {
        let rawValue: UInt8
        static let deleted = Mark(rawValue: 1)
        static let retrieved = Mark(rawValue: 2)
    }

    /// `sizes` and `ids` have one element per message.
    package init(sizes: [UInt32], ids: [Int64]) {
        precondition(sizes.count == ids.count)
        self.sizes = sizes
        self.ids = ids
        marks = Array(repeating: [], count: sizes.count)
        octets = sizes.reduce(0) { $0 &+ Int($1) }
    }

    /// How many messages there were at login.
    package var count: Int { sizes.count }
    /// What STAT tells: messages not marked as deleted, and their octets.
    package var statistics: (count: Int, octets: Int) { (count - deletedCount, octets &- deletedOctets) }

    /// The index of message `number` if it exists and is not marked as deleted.
    package func index(of number: Int) -> Int? {
        guard number >= 1, number <= count, !marks[number - 1].contains(.deleted) else { return nil }
        return number - 1
    }

    package func isDeleted(_ index: Int) -> Bool { marks[index].contains(.deleted) }

    package func isRetrieved(_ index: Int) -> Bool { marks[index].contains(.retrieved) }

    package func uniqueID(_ index: Int) -> String { uniqueIDs[index] ?? String(ids[index]) }

    /// Takes the unique ids of `range`; nil, or one that RFC 1939 §7 does not allow, stands for the default.
    mutating func resolve(_ range: Range<Int>, uniqueIDs: [String?]) {
        for (index, id) in zip(range, uniqueIDs) {
            guard let id, Self.isUniqueID(id), id != String(ids[index]) else { continue }
            self.uniqueIDs[index] = id
        }
        if range.lowerBound <= resolvedCount { resolvedCount = max(resolvedCount, range.upperBound) }
    }

    mutating func delete(_ index: Int) {
        guard marks[index].insert(.deleted).inserted else { return }
        deletedCount += 1
        deletedOctets &+= Int(sizes[index])
    }

    mutating func markRetrieved(_ index: Int) { marks[index].insert(.retrieved) }

    /// RSET (RFC 1939 §5). What was retrieved stays so: that is no wish of the client's, and it may not leave mail here by
    /// asking for RSET where the policy says otherwise (RFC 2449 §6.7).
    mutating func reset() {
        guard deletedCount > 0 else { return }
        for index in marks.indices { marks[index].remove(.deleted) }
        deletedCount = 0
        deletedOctets = 0
    }

    /// The indices to remove at QUIT.
    package func removals(includingRetrieved: Bool) -> [Int] {
        let wanted: Mark = includingRetrieved ? [.deleted, .retrieved] : .deleted
        return marks.indices.filter { !marks[$0].isDisjoint(with: wanted) }
    }

    /// RFC 1939 §7: one to 70 characters in the range 0x21 to 0x7E.
    package static func isUniqueID(_ text: String) -> Bool {
        (1...70).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
