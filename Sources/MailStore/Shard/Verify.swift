import ContentStore
import MailModel
import MessageFormat
import NIOCore

extension DatabaseShard {
    package func verify(
        repair: Bool, progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws(StoreError) -> VerifyReport {
        var report = VerifyReport()
        let damage = try await readers.read { connection throws(StoreError) in
            try asStoreError { () throws(SQLError) in try connection.checkIntegrity() }
        }
        for text in damage { report.add("the index", text) }
        try await verifyReferences(repair, &report)
        try await verifyAccounts(repair, &report)
        try await verifyContent(repair, progress, &report)
        return report
    }

    // MARK: References

    private struct References: Sendable {
        var missing: [(content: Int64, count: Int64)] = []
        var wrong: [(content: Int64, found: Int64, expected: Int64)] = []
        var owners: [Int64: [(account: Int64, item: Int64)]] = [:]
    }

    private func verifyReferences(_ repair: Bool, _ report: inout VerifyReport) async throws(StoreError) {
        // All of it at one moment: deliveries go on meanwhile.
        let found = try await readers.read(isOneMoment: true) { connection throws(StoreError) in
            var expected: [Int64: Int64] = [:]
            for statement in [StoreStatement.countItemReferences, .countQueueReferences] {
                for (content, count) in try connection.rows(statement, { _ in }, { ($0.integer(0), $0.integer(1)) }) {
                    expected[content, default: 0] += count
                }
            }
            var references = References()
            for (content, count) in try connection.rows(
                .selectContentCounts, { _ in }, { ($0.integer(0), $0.integer(1)) })
            {
                let wanted = expected.removeValue(forKey: content) ?? 0
                if wanted != count { references.wrong.append((content, count, wanted)) }
            }
            for (content, count) in expected {
                references.missing.append((content, count))
                references.owners[content] = try connection.owners(of: content)
            }
            return references
        }
        for (content, _) in found.missing {
            for owner in found.owners[content] ?? [] {
                report.add(
                    "message \(owner.item)", "its content \(content) has no row", account: AccountID(owner.account))
            }
        }
        for (content, count, expected) in found.wrong {
            if repair {
                try await writer.perform { batch throws(StoreError) in
                    if expected > 0 {
                        try batch.addReferences(expected - count, to: content)
                    } else {
                        _ = try batch.release(content, count: count)
                    }
                }
            }
            report.add("content \(content)", "counts \(count) references, has \(expected)", isRepaired: repair)
        }
    }

    // MARK: Counters

    private func verifyAccounts(_ repair: Bool, _ report: inout VerifyReport) async throws(StoreError) {
        var last: Int64 = 0
        while true {
            let from = last
            let page = try await readers.read { connection throws(StoreError) in
                try connection.rows(
                    .selectAccountIDs,
                    { statement in
                        statement.bind(from)
                        statement.bind(1000)
                    }, { AccountID($0.integer(0)) })
            }
            guard let end = page.last else { return }
            last = end.rawValue
            for id in page {
                let result = try await writer.perform { batch throws(StoreError) in
                    do throws(StoreError) {
                        return try batch.verifyCounters(of: id, repair: repair)
                    } catch .notFound {
                        // Removed meanwhile.
                        return (findings: [], messages: 0, bytes: 0)
                    }
                }
                report.accounts += 1
                report.messages += Int(result.messages)
                report.bytes += result.bytes
                report.findings += result.findings
            }
        }
    }

    // MARK: Content

    private struct ContentRow: Sendable {
        let location: ContentLocation
        let size: Int64
        let version: Int64
        let summary: [UInt8]
        /// Nil where an upgrade could not read the record.
        let checksum: Int64?
    }

    private func verifyContent(
        _ repair: Bool, _ progress: @Sendable (Int, Int) -> Void, _ report: inout VerifyReport
    ) async throws(StoreError) {
        let total = try await readers.read { connection throws(StoreError) in
            try connection.rows(.countContent, { _ in }, { Int($0.integer(0)) }).first ?? 0
        }
        var done = 0
        var last: Int64 = 0
        while true {
            let from = last
            let page = try await readers.read { connection throws(StoreError) in
                try connection.rows(
                    .selectContentPage,
                    { statement in
                        statement.bind(from)
                        statement.bind(100)
                    },
                    { row in
                        ContentRow(
                            location: ContentLocation(
                                contentID: row.integer(0), segment: row.integer(1), offset: row.integer(2),
                                length: row.integer(3)),
                            size: row.integer(4), version: row.integer(6), summary: row.bytes(7),
                            checksum: row.optionalInteger(8))
                    })
            }
            guard let end = page.last else { break }
            last = end.location.contentID
            for row in page {
                try await verify(row, repair, &report)
                done += 1
            }
            progress(done, max(done, total))
        }
        progress(done, done)
    }

    private func verify(_ row: ContentRow, _ repair: Bool, _ report: inout VerifyReport) async throws(StoreError) {
        let content = content
        let id = row.location.contentID
        let damage: String? = try await readers.readContent { compressor throws(ContentError) in
            do throws(ContentError) {
                let access = try ContentAccess(row.location, in: content)
                _ = try access.verify(with: compressor)
                // A whole record of the same name and length, such as a content file from an older backup.
                if let checksum = row.checksum, checksum != Int64(access.header.payloadChecksum) {
                    return "content \(id) is not the one that the index knows"
                }
                return access.header.rawLength == Int(row.size)
                    ? nil : "content \(id) has another size than the index says"
            } catch {
                guard case .damaged(let text) = error else { throw error }
                return text
            }
        }
        if let damage {
            let owners = try await readers.read { connection throws(StoreError) in try connection.owners(of: id) }
            // Purged while we looked: nobody misses it.
            if owners.isEmpty, try await isGone(id) { return }
            for owner in owners { report.add("message \(owner.item)", damage, account: AccountID(owner.account)) }
            if owners.isEmpty { report.add("content \(id)", damage) }
            return
        }
        let isSound =
            row.version == Int64(MessageSummary.version)
            && MessageSummary(decoding: ContentSeal.none.open(row.summary)) != nil
        guard !isSound else { return }
        if repair { try await rebuildSummary(row) }
        report.add("content \(id)", "its summary cannot be read", isRepaired: repair)
    }

    private func isGone(_ content: Int64) async throws(StoreError) -> Bool {
        try await readers.read { connection throws(StoreError) in
            try connection.rows(.selectContentReferences, { $0.bind(content) }, { $0.integer(0) }).isEmpty
        }
    }

    private func rebuildSummary(_ row: ContentRow) async throws(StoreError) {
        let content = content
        let summary = try await readers.readContent { compressor throws(ContentError) in
            let access = try ContentAccess(row.location, in: content)
            var parser = MessageParser()
            var position = 0
            while position < access.header.rawLength {
                let piece = try access.read(at: position, length: RecordHeader.frameSize, with: compressor)
                parser.consume(ByteBuffer(bytes: piece))
                position += max(piece.count, 1)
            }
            return MessageSummary.make(from: parser.finish()) { range in
                // Without these bytes the preview is empty, which is no damage.
                let bytes = try? access.read(at: range.lowerBound, length: min(range.count, 64 << 10), with: compressor)
                return ByteBuffer(bytes: bytes ?? [])
            }.encode()
        }
        try await writer.perform { batch throws(StoreError) in
            try batch.run(.updateSummary) { statement in
                statement.bind(Int64(MessageSummary.version))
                statement.bind(ContentSeal.none.seal(summary))
                statement.bind(row.location.contentID)
            }
        }
    }
}

extension VerifyReport {
    fileprivate mutating func add(
        _ object: String, _ damage: String, account: AccountID? = nil, isRepaired: Bool = false
    ) {
        findings.append(Finding(account: account, object: object, damage: damage, isRepaired: isRepaired))
    }
}

extension SQLConnection {
    /// Whose messages have the content; a hundred at most.
    fileprivate func owners(of content: Int64) throws(StoreError) -> [(account: Int64, item: Int64)] {
        try rows(.selectItemsOfContent, { $0.bind(content) }, { (account: $0.integer(0), item: $0.integer(1)) })
    }
}

extension WriteBatch {
    /// Compares an account's counters with its rows.
    fileprivate func verifyCounters(
        of id: AccountID, repair: Bool
    ) throws(StoreError) -> (findings: [VerifyReport.Finding], messages: Int64, bytes: Int64) {
        let account = try account(id)
        var findings: [VerifyReport.Finding] = []
        for folder in account.values.folders.values.sorted(by: { $0.id < $1.id }) {
            let counted =
                try connection.rows(
                    .countFolderRows,
                    { statement in
                        statement.bind(id.rawValue)
                        statement.bind(folder.id.rawValue)
                    }, { row in (0..<4).map { row.integer($0) } }
                ).first ?? [0, 0, 0, 0]
            let values = folder.values
            guard [values.messages, values.unseen, values.deleted, values.size] != counted else { continue }
            if repair {
                change(folder, of: account)
                folder.values.messages = counted[0]
                folder.values.unseen = counted[1]
                folder.values.deleted = counted[2]
                folder.values.size = counted[3]
                folder.values.snapshot = nil
            }
            findings.append(
                VerifyReport.Finding(
                    account: id, object: "folder \(values.name)", damage: "its counters differ from its messages",
                    isRepaired: repair))
        }
        let sum =
            try connection.rows(.sumAccountRows, { $0.bind(id.rawValue) }, { ($0.integer(0), $0.integer(1)) }).first
            ?? (0, 0)
        if sum.0 != account.values.messages || sum.1 != account.values.bytes {
            if repair {
                change(account)
                account.values.messages = sum.0
                account.values.bytes = sum.1
            }
            findings.append(
                VerifyReport.Finding(
                    account: id, object: "account \(account.values.record.address)",
                    damage: "its quota counters differ from its messages", isRepaired: repair))
        }
        return (findings, sum.0, sum.1)
    }
}
