/// Finds what somebody meant by a key that does not exist.
enum NearestKey {
    /// The closest of `names`, or nil if none is close. Case and a missing section do not count as differences.
    static func find(_ wrong: String, among names: [String]) -> String? {
        let wanted = Array(wrong.lowercased().utf8.prefix(100))
        var best: (name: String, distance: Int)?
        for name in names {
            let whole = distance(wanted, Array(name.lowercased().utf8))
            let last =
                name.split(separator: ".").last.map { distance(wanted, Array($0.lowercased().utf8)) + 1 } ?? whole
            let nearest = min(whole, last)
            if nearest < best?.distance ?? .max { best = (name, nearest) }
        }
        guard let best, best.distance <= max(2, wanted.count / 3) else { return nil }
        return best.name
    }

    /// Levenshtein's distance, where two neighbours exchanged count as one difference.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let isSame = left[row] == right[column]
                var cost = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
