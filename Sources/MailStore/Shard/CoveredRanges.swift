/// Stretches of a file that somebody has answered for. Mostly added in order: adjacent ones become one.
struct CoveredRanges: Sendable {
    private(set) var ranges: [Range<Int64>] = []
    private var isSorted = true

    mutating func add(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        if let last = ranges.last {
            if last.upperBound == range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
                return
            }
            if range.lowerBound < last.upperBound { isSorted = false }
        }
        ranges.append(range)
    }

    func overlaps(_ range: Range<Int64>) -> Bool { ranges.contains { $0.overlaps(range) } }

    /// What of `whole` nobody has answered for, in order.
    func rest(of whole: Range<Int64>) -> [Range<Int64>] {
        var rest: [Range<Int64>] = []
        var position = whole.lowerBound
        for range in isSorted ? ranges : ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > position {
                rest.append(position..<min(range.lowerBound, whole.upperBound))
            }
            position = max(position, range.upperBound)
            if position >= whole.upperBound { return rest }
        }
        if position < whole.upperBound { rest.append(position..<whole.upperBound) }
        return rest
    }
}
