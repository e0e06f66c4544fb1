/// A set of rows of one chunk, a bit each.
struct RowBits: Equatable, Sendable {
    private(set) var words: [UInt64]
    let count: Int

    init(count: Int, all: Bool = false) {
        self.count = count
        words = Array(repeating: all ? .max : 0, count: (count + 63) / 64)
        if all { trim() }
    }

    /// The rows for which `test` holds.
    @inline(__always)
    init(count: Int, where test: (Int) -> Bool) {
        self.count = count
        words = []
        words.reserveCapacity((count + 63) / 64)
        var row = 0
        while row < count {
            var word: UInt64 = 0
            let end = min(row + 64, count)
            let base = row
            while row < end {
                word |= (test(row) ? 1 : 0) << UInt64(truncatingIfNeeded: row &- base)
                row &+= 1
            }
            words.append(word)
        }
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    mutating func insert(_ range: Range<Int>) {
        for row in range.clamped(to: 0..<count) { words[row / 64] |= 1 << UInt64(row % 64) }
    }

    mutating func insert(_ row: Int) {
        guard row >= 0, row < count else { return }
        words[row / 64] |= 1 << UInt64(row % 64)
    }

    func contains(_ row: Int) -> Bool {
        row >= 0 && row < count && words[row / 64] & (1 << UInt64(row % 64)) != 0
    }

    mutating func formUnion(_ other: RowBits) {
        for index in words.indices where index < other.words.count { words[index] |= other.words[index] }
    }

    mutating func formIntersection(_ other: RowBits) {
        for index in words.indices { words[index] &= index < other.words.count ? other.words[index] : 0 }
    }

    mutating func subtract(_ other: RowBits) {
        for index in words.indices where index < other.words.count { words[index] &= ~other.words[index] }
    }

    mutating func invert() {
        for index in words.indices { words[index] = ~words[index] }
        trim()
    }

    /// In ascending order.
    var rows: [Int] {
        var rows: [Int] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                rows.append(index * 64 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return rows
    }

    private mutating func trim() {
        if count % 64 != 0, !words.isEmpty { words[words.count - 1] &= (1 << UInt64(count % 64)) - 1 }
    }
}
