/// A set of UIDs as sorted, disjoint, non-adjacent ranges.
package struct UIDSet: Hashable, Sendable {
    package private(set) var ranges: [ClosedRange<UInt32>]

    package init() { ranges = [] }

    package static let all = UIDSet([1...UInt32.max])

    /// Sorts and joins.
    package init(_ unordered: some Sequence<ClosedRange<UInt32>>) {
        ranges = []
        for range in unordered.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = ranges.last, last.upperBound == .max || range.lowerBound <= last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
        }
    }

    /// `uids` in any order.
    package init(uids: some Sequence<UInt32>) {
        self.init(uids.lazy.map { $0...$0 })
    }

    package var isEmpty: Bool { ranges.isEmpty }

    package func contains(_ uid: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < uid { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(uid)
    }
}
