import MailModel

/// The queue's rows in the shard's database.
final class DatabaseQueue: QueueStore {
    private let readers: Readers

    init(readers: Readers) { self.readers = readers }

    func list(_ filter: QueueFilter, after: Int64?, limit: Int) async throws(StoreError) -> [QueueEntry] {
        var found: [QueueEntry] = []
        var last = after ?? 0
        while found.count < limit {
            let from = last
            let page = try await readers.read { connection throws(StoreError) in
                try connection.rows(
                    .selectQueue,
                    { statement in
                        statement.bind(from)
                        statement.bind(500)
                    }, { QueueEntry(row: $0) })
            }
            guard let end = page.last else { break }
            last = end.id
            found += page.lazy.filter(filter.matches).prefix(limit - found.count)
        }
        return found
    }

    func count() async throws(StoreError) -> Int {
        try await readers.read { connection throws(StoreError) in
            try connection.rows(.countQueue, { _ in }, { Int($0.integer(0)) }).first ?? 0
        }
    }
}

extension QueueEntry {
    fileprivate init(row: any SQLStatement) {
        self.init(
            id: row.integer(0), delivery: DeliveryID(row.text(1)), messageID: row.optionalText(2), sender: row.text(3),
            recipient: row.text(4), domain: row.text(5), state: QueueState(rawValue: row.text(6)) ?? .ready,
            attempts: Int(row.integer(7)), next: Timestamp(rawValue: row.integer(8)),
            expires: Timestamp(rawValue: row.integer(9)), lastReply: row.optionalText(10), size: row.integer(11))
    }
}
