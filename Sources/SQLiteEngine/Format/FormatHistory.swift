import MailModel
import MailStore

/// The table that says which programs have brought the index to which formats.
enum FormatHistory {
    static func add(
        _ format: StoreFormat, _ program: String, _ now: Timestamp, on connection: SQLiteConnection
    ) throws(SQLError) {
        let statement = try connection.prepare(
            "INSERT INTO format_history SELECT COALESCE(MAX(ordinal), 0) + 1, $1, $2, $3 FROM format_history")
        statement.bind(format.number)
        statement.bind(program)
        statement.bind(now.rawValue)
        _ = try statement.step()
    }

    /// The program that wrote the index last, if the index says so.
    static func lastProgram(on connection: SQLiteConnection) -> String? {
        let query = "SELECT program FROM format_history ORDER BY ordinal DESC LIMIT 1"
        guard let name = (try? connection.values(query))?.first, !name.isEmpty else { return nil }
        return name
    }
}
