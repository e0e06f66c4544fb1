package import ContentStore
package import MailStore

/// What leads from one format of the index to the next, and back. Both directions work on a copy that nobody else has open.
package struct FormatStep: Sendable {
    package typealias Change = @Sendable (FormatWork) throws(StoreError) -> Void

    /// What it does, for people: “checksums of the content”.
    package let name: String
    package let from: StoreFormat
    package let up: Change
    package let down: Change
    /// Tables that the older format does not have.
    package let newTables: Set<String>
    /// What of this index the older format cannot express, in sentences.
    package let losses: @Sendable (FormatWork) throws(StoreError) -> [String]

    package init(
        _ name: String, from: StoreFormat, newTables: Set<String> = [], up: @escaping Change, down: @escaping Change,
        losses: @escaping @Sendable (FormatWork) throws(StoreError) -> [String] = { _ throws(StoreError) in [] }
    ) {
        self.name = name
        self.from = from
        self.newTables = newTables
        self.up = up
        self.down = down
        self.losses = losses
    }

    /// All there are, oldest first.
    package static let all: [FormatStep] = [.contentChecksums]
}

/// What a step works with.
package struct FormatWork {
    let connection: SQLiteConnection
    package let content: ContentFolder
    private let report: (_ done: Int64, _ total: Int64) -> Void

    init(
        _ connection: SQLiteConnection, content: ContentFolder,
        report: @escaping (_ done: Int64, _ total: Int64) -> Void
    ) {
        self.connection = connection
        self.content = content
        self.report = report
    }

    /// Statements without rows.
    package func execute(_ text: String) throws(StoreError) {
        try asStoreError { () throws(SQLError) in try connection.execute(text) }
    }

    /// The first row's first column; 0 if there is none.
    package func integer(_ text: String) throws(StoreError) -> Int64 {
        try integers(text).first?.first ?? 0
    }

    /// The rows' integers, with values for `$1` and so on.
    package func integers(_ text: String, _ values: Int64..., columns: Int = 1) throws(StoreError) -> [[Int64]] {
        let statement = try statement(text)
        for value in values { statement.bind(value) }
        return try asStoreError { () throws(SQLError) in
            var rows: [[Int64]] = []
            while try statement.step() { rows.append((0..<columns).map { statement.integer($0) }) }
            return rows
        }
    }

    /// A statement for `run`.
    func statement(_ text: String) throws(StoreError) -> SQLiteStatement {
        try asStoreError { () throws(SQLError) in try connection.prepare(text) }
    }

    func run(_ statement: SQLiteStatement, _ values: Int64...) throws(StoreError) {
        for value in values { statement.bind(value) }
        try asStoreError { () throws(SQLError) in _ = try statement.step() }
        statement.finish()
    }

    /// Tells how far a step in batches has come.
    package func progress(_ done: Int64, of total: Int64) { report(done, total) }
}

/// Runs `body`; what SQLite answers becomes a `StoreError`.
func asStoreError<Result>(_ body: () throws(SQLError) -> Result) throws(StoreError) -> Result {
    do {
        return try body()
    } catch {
        throw error.storeError
    }
}
