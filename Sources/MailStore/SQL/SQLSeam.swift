/// What the store needs of a database engine. Statements come from `StoreStatement`, with `$1` placeholders.
package protocol SQLDatabase: AnyObject, Sendable {
    /// The one connection that writes. Called once.
    func openWriter() throws(SQLError) -> any SQLConnection
    /// A connection that only reads, and sees what was committed before each of its transactions.
    func openReader() throws(SQLError) -> any SQLConnection
    var dialect: SQLDialect { get }
}

package enum SQLDialect: Sendable {
    case sqlite
    case postgresql
}

/// One connection, used by one thread at a time.
package protocol SQLConnection: AnyObject {
    /// Calls `body` with the connection ready for the statements in it.
    func access<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result
    /// The statement, prepared once, ready for its first value. Finish it before asking for it again.
    func statement(_ statement: StoreStatement) throws(SQLError) -> any SQLStatement
    /// Statements without values or rows: definitions, transactions.
    func execute(_ text: String) throws(SQLError)
    /// Damage that the engine itself finds; empty if none.
    func checkIntegrity() throws(SQLError) -> [String]
    /// Moves what the log holds into the database, as far as readers allow.
    func checkpoint() throws(SQLError)
    func close()
}

/// A prepared statement: values in order, then steps, then `finish`.
package protocol SQLStatement: AnyObject {
    func bind(_ value: Int64)
    func bind(_ value: String)
    func bind(_ value: [UInt8])
    func bindNull()
    /// Whether there is a row.
    func step() throws(SQLError) -> Bool
    func integer(_ column: Int) -> Int64
    func text(_ column: Int) -> String
    func bytes(_ column: Int) -> [UInt8]
    func isNull(_ column: Int) -> Bool
    /// Rows changed by the last step.
    var changes: Int { get }
    /// Ready for the next use.
    func finish()
}

extension SQLStatement {
    func bind(_ value: Int64?) { if let value { bind(value) } else { bindNull() } }
    func bind(_ value: String?) { if let value { bind(value) } else { bindNull() } }
    func bind(_ value: [UInt8]?) { if let value { bind(value) } else { bindNull() } }
    func bind(_ value: Bool) { bind(Int64(value ? 1 : 0)) }
    func bind(_ value: Int) { bind(Int64(value)) }

    /// Runs a statement without rows.
    func run() throws(SQLError) {
        defer { finish() }
        _ = try step()
    }

    func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }
    func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

    /// All rows.
    func rows<Row>(_ row: (any SQLStatement) throws(StoreError) -> Row) throws(StoreError) -> [Row] {
        defer { finish() }
        var rows: [Row] = []
        do {
            while try step() { rows.append(try row(self)) }
        } catch let error as SQLError {
            throw error.storeError
        } catch let error as StoreError {
            throw error
        } catch {
            throw .unavailable("\(error)")
        }
        return rows
    }
}

/// What a database engine answered.
package struct SQLError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// A unique or other constraint.
        case constraint
        /// The file is no database, or its pages make no sense.
        case corrupt
        /// The disk has no room.
        case full
        case other
    }
    package let kind: Kind
    package let description: String
    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    package var storeError: StoreError {
        switch kind {
        case .corrupt: .damaged(description)
        case .full: .diskFull(description)
        case .constraint, .other: .unavailable(description)
        }
    }
}

/// Runs `body`; what the database answers becomes a `StoreError`.
func asStoreError<Result>(_ body: () throws(SQLError) -> Result) throws(StoreError) -> Result {
    do {
        return try body()
    } catch {
        throw error.storeError
    }
}
