import MailModel

/// What rows say of each other about content, seen at one moment.
struct ReferenceCheck: Sendable {
    /// Contents whose counted references differ from the rows that refer to them.
    var wrong: [(content: Int64, found: Int64, expected: Int64)] = []
    /// Contents that rows refer to and that have no row of their own, with the rows that do.
    var missing: [(content: Int64, references: Int64)] = []
    /// Of each segment, by its content rows.
    var living: [Int64: SegmentCount] = [:]
    /// Of each segment, by its own row.
    var counted: [Int64: SegmentCount] = [:]
    var contents = 0
    var lastContent: Int64 = 0
    /// More than fits in a report.
    var omitted = 0

    struct SegmentCount: Hashable, Sendable {
        var records: Int64 = 0
        var bytes: Int64 = 0
        /// Where the last record ends that was ever committed, or as much of that as is known.
        var end: Int64 = 0
    }

    private static let limit = 100_000

    /// Walks over content, item and queue rows in the order of the content, side by side: memory does not grow with their number.
    static func make(_ connection: any SQLConnection) throws(StoreError) -> ReferenceCheck {
        var check = ReferenceCheck()
        var users = [
            try RowCursor(.countItemReferences, connection), try RowCursor(.countQueueReferences, connection),
        ]
        defer { for user in users { user.end() } }
        var contents = try RowCursor(.selectContentOrder, connection, columns: 5)
        defer { contents.end() }
        while true {
            let next = ([contents.row?[0]] + users.map { $0.row?[0] }).compactMap { $0 }.min()
            guard let id = next else { break }
            var expected: Int64 = 0
            for index in users.indices where users[index].row?[0] == id {
                expected += users[index].row?[1] ?? 0
                try users[index].advance()
            }
            guard let row = contents.row, row[0] == id else {
                if check.missing.count < limit { check.missing.append((id, expected)) } else { check.omitted += 1 }
                continue
            }
            if row[1] != expected {
                if check.wrong.count < limit { check.wrong.append((id, row[1], expected)) } else { check.omitted += 1 }
            }
            if row[2] > 0 {
                check.living[row[2], default: SegmentCount()].add(start: row[3], length: row[4])
            }
            check.contents += 1
            check.lastContent = id
            try contents.advance()
        }
        for row in try connection.rows(.selectSegments, { _ in }, { row in (0..<4).map { row.integer($0) } }) {
            check.counted[row[0]] = SegmentCount(records: row[1], bytes: row[2], end: row[3])
        }
        return check
    }
}

extension ReferenceCheck.SegmentCount {
    mutating func add(start: Int64, length: Int64) {
        records += 1
        bytes += length
        end = max(end, start + length)
    }
}

/// The rows of a statement, one at a time; all columns are numbers.
struct RowCursor {
    private let statement: any SQLStatement
    private let columns: Int
    private(set) var row: [Int64]?

    init(_ name: StoreStatement, _ connection: any SQLConnection, columns: Int = 2) throws(StoreError) {
        statement = try asStoreError { () throws(SQLError) in try connection.statement(name) }
        self.columns = columns
        try advance()
    }

    mutating func advance() throws(StoreError) {
        let statement = statement
        let hasRow = try asStoreError { () throws(SQLError) in try statement.step() }
        row = hasRow ? (0..<columns).map { statement.integer($0) } : nil
    }

    func end() { statement.finish() }
}
