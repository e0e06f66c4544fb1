import MailModel

/// An index that is damaged, for what can still be read of it. Each table for itself: one that cannot be read to its end gives
/// what comes before.
package final class OldIndex {
    let connection: any SQLConnection
    /// All accounts that it has, if that could be read to its end: mail of others belonged to accounts that were removed.
    private(set) var allAccounts: Set<Int64>?

    package init(_ connection: any SQLConnection) { self.connection = connection }

    /// Rows up to where reading fails; and whether it did not.
    func rows<Row>(
        _ statement: StoreStatement, _ bind: (any SQLStatement) -> Void = { _ in },
        _ row: (any SQLStatement) throws(StoreError) -> Row
    ) -> (rows: [Row], isWhole: Bool) {
        var rows: [Row] = []
        do throws(StoreError) {
            let prepared = try asStoreError { () throws(SQLError) in try connection.statement(statement) }
            defer { prepared.finish() }
            bind(prepared)
            while try asStoreError({ () throws(SQLError) in try prepared.step() }) {
                // A row that makes no sense is left out.
                do throws(StoreError) { rows.append(try row(prepared)) } catch { continue }
            }
            return (rows, true)
        } catch {
            return (rows, false)
        }
    }

    /// In pages of 200, each handed to `body`.
    func accounts(_ body: (AccountRecord) throws(StoreError) -> Void) throws(StoreError) {
        var after = ""
        var all: Set<Int64> = []
        while true {
            let from = after
            let (page, isWhole) = rows(
                .selectAccounts,
                { statement in
                    statement.bind(from)
                    statement.bind(200)
                }, { row throws(StoreError) in try AccountRecord(row: row) })
            for record in page {
                all.insert(record.id.rawValue)
                try body(record)
            }
            guard isWhole else { return }
            guard let end = page.last else { break }
            after = end.address.key
        }
        allAccounts = all
    }

    /// The account with its folders; nil if these cannot be read.
    func state(of id: AccountID) -> AccountState? {
        do throws(StoreError) { return try AccountState.read(id, from: connection) } catch { return nil }
    }

    var epoch: AccountEpoch {
        do throws(StoreError) { return try AccountEpoch.of(connection) } catch { return AccountEpoch() }
    }

    var counters: ShardCounters? {
        rows(
            .selectShard,
            { _ in },
            { row in
                ShardCounters(
                    nextAccount: row.integer(1), nextContent: row.integer(2), nextQueue: row.integer(3),
                    nextTrace: row.integer(4), nextCredential: row.integer(5), nextAudit: row.integer(6))
            }
        ).rows.first
    }
}
