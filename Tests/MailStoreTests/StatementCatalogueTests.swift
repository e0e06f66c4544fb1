import Foundation
import MailStore
import Testing

@Suite struct StatementCatalogueTests {
    @Test func placeholdersCountUpFromOne() {
        for statement in StoreStatement.all {
            // SQLite numbers `$n` by first appearance, PostgreSQL by n: both must be the same.
            var seen = 0
            for piece in statement.sql.split(separator: "$", omittingEmptySubsequences: false).dropFirst() {
                let number = Int(piece.prefix { $0.isNumber }) ?? 0
                #expect(number >= 1 && number <= seen + 1, "\(statement.name)")
                seen = max(seen, number)
            }
        }
    }

    @Test func namesAreUnique() {
        #expect(Set(StoreStatement.all.map(\.name)).count == StoreStatement.all.count)
    }

    @Test func definitionsNameNoOtherEngine() {
        let postgresql = StoreSchema.definitions(.postgresql).joined(separator: "\n")
        #expect(!postgresql.contains("STRICT") && !postgresql.contains("{") && !postgresql.contains("BLOB"))
        let sqlite = StoreSchema.definitions(.sqlite).joined(separator: "\n")
        #expect(!sqlite.contains("BYTEA") && !sqlite.contains("{"))
    }

    /// Writes what `scripts/check-postgresql` reads, where that asks for it.
    @Test func dumpForPostgreSQL() throws {
        guard let path = ProcessInfo.processInfo.environment["MARTLET_SQL_DUMP"] else { return }
        var dump = StoreSchema.definitions(.postgresql).map { $0 + ";\n" }.joined()
        dump += StoreStatement.all.map { "PREPARE \"\($0.name)\" AS \($0.sql);\n" }.joined()
        try dump.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
