import MailModel

/// Counts per key that fade with time, in a table of fixed size: each key has one of four places, and a full set of four
/// gives up its lowest count. Keys are kept as hashes only; a collision makes two keys share a count.
struct FailureTable: Sendable {
    private struct Row {
        var hash: UInt64 = 0
        var failures = 0
        /// Up to when forgiveness has been given.
        var since: Int64 = 0
    }

    private static let ways = 4
    private var rows: [Row]
    private let sets: Int
    private let forgiveness: Int64
    private let seed: UInt64

    /// `size` rows, of which `forgiveness` seconds each take one failure.
    init(size: Int, forgiveness: Int, seed: UInt64) {
        sets = max(size / Self.ways, 1)
        rows = [Row](repeating: Row(), count: sets * Self.ways)
        self.forgiveness = Int64(max(forgiveness, 1))
        self.seed = seed
    }

    func count(_ key: String, now: Timestamp) -> Int {
        let hash = hash(key)
        guard let index = place(of: hash) else { return 0 }
        return faded(rows[index], now).failures
    }

    mutating func add(_ key: String, now: Timestamp) {
        let hash = hash(key)
        let index = place(of: hash) ?? weakest(in: set(of: hash), now)
        var row = rows[index].hash == hash ? faded(rows[index], now) : Row()
        if row.failures == 0 { row = Row(hash: hash, failures: 0, since: now.seconds) }
        row.failures = min(row.failures + 1, 1_000_000)
        rows[index] = row
    }

    mutating func clear(_ key: String) {
        if let index = place(of: hash(key)) { rows[index] = Row() }
    }

    private func faded(_ row: Row, _ now: Timestamp) -> Row {
        let steps = max((now.seconds - row.since) / forgiveness, 0)
        guard steps > 0 else { return row }
        return Row(
            hash: row.hash, failures: max(row.failures - Int(min(steps, 1_000_000)), 0),
            since: row.since + steps * forgiveness)
    }

    private func set(of hash: UInt64) -> Range<Int> {
        let start = Int(hash % UInt64(sets)) * Self.ways
        return start..<start + Self.ways
    }

    private func place(of hash: UInt64) -> Int? {
        set(of: hash).first { rows[$0].hash == hash && rows[$0].failures > 0 }
    }

    private func weakest(in set: Range<Int>, _ now: Timestamp) -> Int {
        set.min { faded(rows[$0], now).failures < faded(rows[$1], now).failures } ?? set.lowerBound
    }

    /// SipHash with a key of the process (`Hasher`), mixed with the table's own seed.
    private func hash(_ key: String) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(seed)
        hasher.combine(key)
        return UInt64(bitPattern: Int64(hasher.finalize())) | 1
    }
}
