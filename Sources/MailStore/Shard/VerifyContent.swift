import ContentStore
import MailModel
import MessageFormat

/// Each content row with its record: every byte of living mail is read and compared with its checksums.
extension Verification {
    fileprivate struct ContentRow: Sendable {
        let location: ContentLocation
        let size: Int64
        let version: Int64
        let summary: [UInt8]
        /// Nil where an upgrade could not read the record.
        let checksum: Int64?
    }

    private struct Outcome: Sendable {
        /// Nil: whole.
        var damage: String?
        /// A record of this content begins where the row says.
        var isPlaced = true
    }

    mutating func verifyContent(
        _ references: ReferenceCheck, _ progress: @Sendable (Int, Int) -> Void
    ) async throws(StoreError) {
        var done = 0
        var last: Int64 = 0
        var missing: [Int64: Int] = [:]
        let present = Set(shard.content.segments())
        // Newer content was written by this very server while it was being verified.
        while last < references.lastContent {
            let from = last
            let page = try await shard.readers.read { connection throws(StoreError) in
                try connection.rows(
                    .selectContentPage,
                    { statement in
                        statement.bind(from)
                        statement.bind(100)
                    }, { ContentRow(row: $0) })
            }
            guard let end = page.last else { break }
            last = end.location.contentID
            for row in page {
                let segment = row.location.segment
                if segment > 0, !present.contains(segment), try await !isGone(row) {
                    missing[segment, default: 0] += 1
                    lose(
                        row.location.contentID,
                        LostContent(damage: "its content was in \(name(segment))", isNamed: true))
                } else {
                    try await verify(row)
                }
                done += 1
            }
            progress(done, max(done, references.contents))
        }
        progress(done, done)
        for (segment, count) in missing.sorted(by: { $0.key < $1.key }) {
            add(
                name(segment),
                "the file is missing, and with it the content of \(count) messages or copies; put it back from a backup"
            )
        }
    }

    func name(_ segment: Int64) -> String { shard.content.segmentName(segment) }

    private mutating func verify(_ row: ContentRow) async throws(StoreError) {
        let outcome = try await outcome(row)
        let location = row.location
        let id = location.contentID
        let range = location.offset..<location.offset + max(location.length, 0)
        if !location.isObject {
            if outcome.isPlaced {
                covered[location.segment, default: CoveredRanges()].add(range)
            } else {
                claimed[location.segment, default: CoveredRanges()].add(range)
            }
        }
        if let damage = outcome.damage {
            // Purged while we looked: nobody misses it.
            guard try await !isGone(row) else { return }
            lose(id, LostContent(damage: damage))
            return
        }
        let isSound =
            row.version == Int64(MessageSummary.version)
            && MessageSummary(decoding: ContentSeal.none.open(row.summary)) != nil
        guard !isSound, try await !isGone(row) else { return }
        if repair { try await rebuildSummary(row) }
        add(
            "content \(id)", "its summary, from which lists and searches are served, cannot be read",
            isRepaired: repair)
    }

    private func outcome(_ row: ContentRow) async throws(StoreError) -> Outcome {
        let content = shard.content
        return try await shard.readers.readContent { compressor throws(ContentError) in
            let place =
                row.location.isObject
                ? content.objectName(row.location.contentID) : content.segmentName(row.location.segment)
            let access: ContentAccess
            do throws(ContentError) {
                access = try ContentAccess(row.location, in: content)
            } catch {
                guard case .damaged(let text) = error else { throw error }
                return Outcome(damage: "\(text) (\(place))", isPlaced: false)
            }
            do throws(ContentError) {
                _ = try access.verify(with: compressor)
            } catch {
                guard case .damaged(let text) = error else { throw error }
                return Outcome(damage: "\(text) (\(place))")
            }
            // A whole record of the same name and length, such as a content file from an older backup.
            if let checksum = row.checksum, checksum != Int64(access.header.payloadChecksum) {
                return Outcome(damage: "its content is not the one that the index knows (\(place))")
            }
            if access.header.rawLength != Int(row.size) {
                return Outcome(damage: "its content has another size than the index says (\(place))")
            }
            if row.location.isObject, let length = content.objectLength(row.location.contentID),
                length != row.location.length
            {
                return Outcome(damage: "\(place) is longer than its record")
            }
            return Outcome()
        }
    }

    /// Whether the row has gone, or changed, since it was read.
    private func isGone(_ row: ContentRow) async throws(StoreError) -> Bool {
        let id = row.location.contentID
        return try await shard.readers.read { connection throws(StoreError) in
            try connection.rows(.selectContentReferences, { $0.bind(id) }, { $0.integer(1) }).first
                != row.location.segment
        }
    }

    private func rebuildSummary(_ row: ContentRow) async throws(StoreError) {
        let content = shard.content
        let summary = try await shard.readers.readContent { compressor throws(ContentError) in
            try StoredSummary.make(from: ContentAccess(row.location, in: content), with: compressor).encode()
        }
        try await shard.writer.perform { batch throws(StoreError) in
            try batch.run(.updateSummary) { statement in
                statement.bind(Int64(MessageSummary.version))
                statement.bind(ContentSeal.none.seal(summary))
                statement.bind(row.location.contentID)
            }
        }
    }
}

extension Verification.ContentRow {
    fileprivate init(row: any SQLStatement) {
        self.init(
            location: ContentLocation(
                contentID: row.integer(0), segment: row.integer(1), offset: row.integer(2), length: row.integer(3)),
            size: row.integer(4), version: row.integer(6), summary: row.bytes(7),
            checksum: row.optionalInteger(8))
    }
}
