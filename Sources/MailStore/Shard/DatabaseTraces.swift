import MailModel

/// Trace lines in the shard's database.
final class DatabaseTraces: TraceStore {
    private let writer: StoreWriter
    private let readers: Readers

    init(writer: StoreWriter, readers: Readers) {
        self.writer = writer
        self.readers = readers
    }

    func record(_ events: [TraceEvent]) {
        guard !events.isEmpty else { return }
        writer.enqueue { batch throws(StoreError) in try batch.trace(events) }
    }

    /// Delivery ids sort by time, and so do the lines of each.
    func query(_ filter: TraceFilter, limit: Int) async throws(StoreError) -> [TraceEvent] {
        if let delivery = filter.delivery {
            let events = try await readers.read { connection throws(StoreError) in
                try connection.rows(
                    .selectTraceOfDelivery,
                    { statement in
                        statement.bind(delivery.rawValue)
                        statement.bind(10_000)
                    }, { TraceEvent(row: $0) })
            }
            return Array(events.filter(filter.matches).prefix(max(limit, 0)))
        }
        var found: [TraceEvent] = []
        var last = ("", Int64(0))
        while found.count < limit {
            let from = last
            let page = try await readers.read { connection throws(StoreError) in
                try connection.rows(
                    .selectTrace,
                    { statement in
                        statement.bind(from.0)
                        statement.bind(from.1)
                        statement.bind(1000)
                    }, { (TraceEvent(row: $0), $0.integer(11)) })
            }
            guard let end = page.last else { break }
            last = (end.0.delivery.rawValue, end.1)
            found += page.lazy.map(\.0).filter(filter.matches).prefix(limit - found.count)
        }
        return found
    }
}

extension TraceEvent {
    fileprivate init(row: any SQLStatement) {
        self.init(
            time: Timestamp(rawValue: row.integer(0)), delivery: DeliveryID(row.text(1)), stage: row.text(2),
            sender: row.optionalText(3), recipient: row.optionalText(4), messageID: row.optionalText(5),
            outcome: row.text(6),
            code: row.optionalInteger(7).map(Int.init), enhanced: row.optionalText(8), remote: row.optionalText(9),
            text: row.text(10))
    }
}
