import MailStore

/// Brings the tables to the format of this program: makes those of a new file, migrates those of an older one, refuses those
/// of a newer one. The format's number is the file's `user_version`.
struct SQLiteMigration {
    private let connection: SQLiteConnection

    init(_ connection: SQLiteConnection) { self.connection = connection }

    /// What leads from each format to the next; index 0 leads from 1 to 2.
    private static let steps: [[String]] = []

    func run() throws(SQLError) {
        let found = Int64(try connection.values("PRAGMA user_version").first ?? "") ?? 0
        guard found != StoreSchema.version else { return }
        guard found < StoreSchema.version else {
            throw SQLError(
                .other,
                "the store has format \(found), this program reads up to \(StoreSchema.version): use the newer program")
        }
        try connection.execute("BEGIN IMMEDIATE")
        do throws(SQLError) {
            if found == 0 {
                for definition in StoreSchema.definitions(.sqlite) { try connection.execute(definition) }
            } else {
                for step in Self.steps[Int(found - 1)...] {
                    for statement in step { try connection.execute(statement) }
                }
            }
            try connection.execute("PRAGMA user_version=\(StoreSchema.version)")
            try connection.execute("COMMIT")
        } catch {
            // The error that matters is the one we have.
            try? connection.execute("ROLLBACK")
            throw error
        }
    }
}
