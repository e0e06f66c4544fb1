import ContentStore
package import MailModel

extension DatabaseShard {
    /// Items whose transaction is one step of a purge.
    private static let purgeStep = 500
    private static let day: Int64 = 86400

    package func purge(now: Timestamp) async throws(StoreError) -> PurgeReport {
        var report = PurgeReport()
        let cutoff = now.adding(seconds: -Int64(options.recoverableDays) * Self.day)
        let logCutoff = now.adding(seconds: -Int64(options.changeLogDays) * Self.day)
        var last: Int64 = 0
        while true {
            let from = last
            let accounts = try await readers.read { connection throws(StoreError) in
                try connection.rows(
                    .selectAccountIDs,
                    { statement in
                        statement.bind(from)
                        statement.bind(1000)
                    }, { (id: AccountID($0.integer(0)), holdUntil: $0.optionalInteger(1)) })
            }
            guard let end = accounts.last else { break }
            last = end.id.rawValue
            for account in accounts {
                // Mail under a legal hold stays, whatever its age.
                if let hold = account.holdUntil, hold > now.rawValue { continue }
                try await purge(account.id, cutoff: cutoff, into: &report)
                try await trimLog(account.id, cutoff: logCutoff)
            }
        }
        let traceCutoff = now.adding(seconds: -Int64(options.traceDays) * Self.day)
        try await writer.perform { [content] batch throws(StoreError) in
            try batch.run(.deleteOldTraces) { $0.bind(traceCutoff.rawValue) }
            try batch.removeEmptySegments(content, unknownSince: cutoff.seconds)
        }
        content.removeObjectsSetAside(before: cutoff.seconds)
        return report
    }

    private func purge(_ account: AccountID, cutoff: Timestamp, into report: inout PurgeReport) async throws(StoreError)
    {
        while true {
            // Looked for beside the writer: most accounts have nothing.
            let found = try await readers.read { connection throws(StoreError) in
                try connection.purgeable(account, cutoff: cutoff, limit: 1)
            }
            guard !found.isEmpty else { return }
            let (items, bytes) = try await writer.perform { batch throws(StoreError) in
                let items = try batch.connection.purgeable(account, cutoff: cutoff, limit: Self.purgeStep)
                var bytes: Int64 = 0
                for item in items {
                    bytes += item.size
                    _ = try batch.release(item.content)
                    try batch.run(.deleteItem) { statement in
                        statement.bind(account.rawValue)
                        statement.bind(item.folder)
                        statement.bind(item.uid)
                    }
                }
                return (items.count, bytes)
            }
            report.items += items
            report.bytes += bytes
            if items < Self.purgeStep { return }
        }
    }

    private func trimLog(_ account: AccountID, cutoff: Timestamp) async throws(StoreError) {
        while true {
            let old = try await readers.read { connection throws(StoreError) in
                try connection.rows(
                    .selectOldChange,
                    { statement in
                        statement.bind(account.rawValue)
                        statement.bind(5000)
                    }, { (number: $0.integer(0), time: $0.integer(1)) })
            }
            guard let floor = old.prefix(while: { $0.time < cutoff.rawValue }).last?.number else { return }
            try await writer.perform { batch throws(StoreError) in
                let state = try batch.account(account)
                batch.change(state)
                state.values.logFloor = max(state.values.logFloor, floor)
                try batch.run(.deleteChanges) { statement in
                    statement.bind(account.rawValue)
                    statement.bind(floor)
                }
                try batch.run(.updateLogFloor) { statement in
                    statement.bind(state.values.logFloor)
                    statement.bind(account.rawValue)
                }
            }
            if old.count < 5000 { return }
        }
    }
}

extension SQLConnection {
    fileprivate func purgeable(
        _ account: AccountID, cutoff: Timestamp, limit: Int
    ) throws(StoreError) -> [(folder: Int64, uid: Int64, content: Int64, size: Int64)] {
        try rows(
            .selectPurgeable,
            { statement in
                statement.bind(account.rawValue)
                statement.bind(cutoff.rawValue)
                statement.bind(limit)
            }, { (folder: $0.integer(0), uid: $0.integer(1), content: $0.integer(2), size: $0.integer(3)) })
    }
}

extension WriteBatch {
    /// Forgets sealed segments that no row refers to; their files go after the commit. Those that the index never knew are of
    /// batches that failed, or newer than an index from a backup: they stay for as long as deleted mail does.
    ///
    /// - Parameter time: seconds since 1970.
    fileprivate func removeEmptySegments(_ content: ContentFolder, unknownSince time: Int64) throws(StoreError) {
        let active = segments.activeSegment
        let rows = try connection.rows(.selectSegments, { _ in }, { ($0.integer(0), $0.integer(1)) })
        let known = Set(rows.lazy.map(\.0))
        let living = Set(rows.lazy.filter { $0.1 > 0 }.map(\.0))
        for number in known where number < active && !living.contains(number) {
            try run(.deleteSegment) { $0.bind(number) }
        }
        for number in content.segments() where number < active && !living.contains(number) {
            guard known.contains(number) || (content.segmentChanged(number) ?? 0) < time else { continue }
            afterCommit { content.removeSegment(number) }
        }
    }
}
