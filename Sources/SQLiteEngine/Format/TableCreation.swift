import MailModel
import MailStore

/// Makes the tables of a new file. Conversions have brought any other to the format of this program already.
struct TableCreation {
    let connection: SQLiteConnection
    let program: String
    let now: Timestamp

    func run() throws(SQLError) {
        let found = StoreFormat(stored: Int64(try connection.values("PRAGMA user_version").first ?? "") ?? 0)
        if found == .current { return }
        guard found.stored == 0 else { throw SQLError(.other, "the index has format \(found)") }
        try connection.execute("BEGIN IMMEDIATE")
        do throws(SQLError) {
            for definition in StoreSchema.definitions(.sqlite) { try connection.execute(definition) }
            try FormatHistory.add(.current, program, now, on: connection)
            try connection.execute("PRAGMA user_version=\(StoreFormat.current.stored)")
            try connection.execute("COMMIT")
        } catch {
            // The error that matters is the one we have.
            try? connection.execute("ROLLBACK")
            throw error
        }
    }
}
