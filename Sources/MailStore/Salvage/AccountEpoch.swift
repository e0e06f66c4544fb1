package import MailModel

/// What an index may have told clients, so that another index in its place never says the same of something else.
///
/// Whoever puts an older or a rebuilt index in place (restore, salvage, rollback) raises the epoch of its accounts: each folder
/// gets a UIDVALIDITY larger than any there has been (RFC 9051 §2.3.1.1), and the change log begins anew. What is kept outside
/// the index, in the file `epoch`, makes that hold when the index itself is lost.
package struct AccountEpoch: Hashable, Sendable {
    /// The highest epoch of any account.
    package var number: Int64
    /// All UIDVALIDITY values given out are below.
    package var validity: Int64

    package init(number: Int64 = 1, validity: Int64 = 0) {
        self.number = number
        self.validity = validity
    }

    /// New values begin this far ahead: as many folders may have been made that nobody remembers.
    package static let margin: Int64 = 1 << 16

    /// What the index on `connection` says of itself.
    package static func of(_ connection: any SQLConnection) throws(StoreError) -> AccountEpoch {
        try connection.rows(
            .selectEpoch, { _ in }, { AccountEpoch(number: $0.integer(0), validity: $0.integer(1)) }
        ).first ?? AccountEpoch()
    }

    /// The larger of both in each member.
    package func merged(with other: AccountEpoch) -> AccountEpoch {
        AccountEpoch(number: max(number, other.number), validity: max(validity, other.validity))
    }

    /// Raises the epoch of every account, in the caller's transaction and before any shard has the index open.
    ///
    /// - Parameters:
    ///   - known: what other indexes of this folder have given out; the index's own values are taken into account anyway.
    /// - Returns: what has been given out now, for the file `epoch`, which must be durable before the index is put in place.
    package static func raise(
        on connection: any SQLConnection, beyond known: AccountEpoch, now: Timestamp
    ) throws(StoreError) -> AccountEpoch {
        let last = try of(connection).merged(with: known)
        let first = max(last.validity, now.seconds, 1) + margin
        var raised = AccountEpoch(number: last.number + 1, validity: first)
        var after: Int64 = 0
        while true {
            let page = try connection.rows(
                .selectAccountIDs,
                { statement in
                    statement.bind(after)
                    statement.bind(1000)
                }, { $0.integer(0) })
            guard let end = page.last else { return raised }
            after = end
            for account in page {
                var next = first
                let folders = try connection.rows(.selectFolders, { $0.bind(account) }, { $0.integer(0) })
                for folder in folders.sorted() {
                    guard next < Int64(UInt32.max) else {
                        throw .limit("account \(account) has used up its UIDVALIDITY values")
                    }
                    try connection.run(.updateFolderValidity) { statement in
                        statement.bind(next)
                        statement.bind(account)
                        statement.bind(folder)
                    }
                    next += 1
                }
                try connection.run(.updateEpoch) { statement in
                    statement.bind(raised.number)
                    statement.bind(next)
                    statement.bind(account)
                }
                raised.validity = max(raised.validity, next)
            }
        }
    }
}
