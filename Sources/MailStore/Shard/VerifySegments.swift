import ContentStore
import MailModel
import MessageFormat

/// What in the content files no row accounts for: dead space that must be whole, records whose rows are lost, strange files.
///
/// Dead records are normal: mail that was deleted, and what a crash left behind. So are bytes behind the last committed record of
/// a segment, where a crash may have left anything.
extension Verification {
    /// What the stretches between living records hold.
    private struct Stretch: Sendable {
        var problems: [Problem] = []
        /// Whole records of content that has no good row.
        var candidates: [Int64: Candidate] = [:]
        var deadRecords = 0
        /// Of whole records without rows, some placements to name them by.
        var samples: [Placement] = []

        struct Problem: Sendable {
            let range: Range<Int64>
            let text: String
        }

        struct Candidate: Sendable {
            let location: ContentLocation
            let header: RecordHeader
        }
    }

    mutating func verifySegments(_ references: ReferenceCheck) async throws(StoreError) {
        var numbers = Set(references.living.keys).union(references.counted.keys)
        // What has lost its row may be in any of them.
        if lost.values.contains(where: { !$0.hasRow }) { numbers.formUnion(shard.content.segments()) }
        for number in shard.content.segments() where !numbers.contains(number) {
            report.notes.append(
                "\(name(number)) holds no mail that the index knows: what a crash left behind, or an index older than the mail "
                    + "(then `martlet salvage --missing` brings it back)")
        }
        for number in numbers.sorted() {
            let living = references.living[number] ?? ReferenceCheck.SegmentCount()
            let end = max(living.end, references.counted[number]?.end ?? 0)
            guard let stretch = try await stretch(of: number, end: end) else {
                if living.records == 0, let counted = references.counted[number], counted.records > 0 {
                    add(
                        name(number),
                        "the file is missing; the index counts \(counted.records) messages in it, and has none of them")
                }
                continue
            }
            for problem in stretch.problems { add(name(number), problem.text) }
            try await repairRows(stretch.candidates)
            try await compareCounts(number, references, stretch)
        }
    }

    private mutating func stretch(of number: Int64, end: Int64) async throws(StoreError) -> Stretch? {
        guard let length = shard.content.segmentLength(number) else { return nil }
        let first = Int64(SegmentScan.firstRecord)
        let stretches = (covered[number] ?? CoveredRanges()).rest(of: first..<max(length, first))
        let claimed = claimed[number] ?? CoveredRanges()
        let wanted = Set(lost.keys)
        let content = shard.content
        let header: (damage: String?, origin: UInt64?) = try await shard.readers.readContent {
            compressor throws(ContentError) in
            let scan = try SegmentScan(number, in: content)
            guard scan.headerDamage != nil else { return (nil, nil) }
            if case .record(let record)? = try scan.next(with: compressor) {
                return (scan.headerDamage, record.header.origin)
            }
            return (scan.headerDamage, nil)
        }
        if header.damage != nil {
            var isRepaired = false
            if repair, let origin = header.origin {
                do throws(ContentError) {
                    try content.rewriteSegmentHeader(number, origin: origin)
                } catch {
                    throw error.storeError
                }
                isRepaired = true
            }
            add(name(number), "the header of the file is damaged: no message is affected", isRepaired: isRepaired)
        }
        var result = Stretch()
        for range in stretches {
            let found = try await shard.readers.readContent { compressor throws(ContentError) in
                try Self.scan(range, of: number, end: end, claimed, wanted, content, compressor)
            }
            result.problems += found.problems
            result.candidates.merge(found.candidates) { $1 }
            result.deadRecords += found.deadRecords
            result.samples += found.samples.prefix(20 - min(20, result.samples.count))
        }
        return result
    }

    private static func scan(
        _ range: Range<Int64>, of number: Int64, end: Int64, _ claimed: CoveredRanges, _ wanted: Set<Int64>,
        _ content: ContentFolder, _ compressor: Compressor
    ) throws(ContentError) -> Stretch {
        var stretch = Stretch()
        let scan = try SegmentScan(number, in: content, range: range)
        while let found = try scan.next(with: compressor) {
            switch found {
            case .record(let record) where record.damage == nil:
                if wanted.contains(record.location.contentID) {
                    stretch.candidates[record.location.contentID] = Stretch.Candidate(
                        location: record.location, header: record.header)
                } else {
                    stretch.deadRecords += 1
                    if stretch.samples.count < 20 { stretch.samples += record.placements.prefix(1) }
                }
            case .record(let record):
                let bytes = record.location.offset..<record.location.offset + record.location.length
                guard bytes.lowerBound < end, !claimed.overlaps(bytes) else { continue }
                stretch.problems.append(
                    Stretch.Problem(
                        range: bytes,
                        text:
                            "the bytes from \(bytes.lowerBound) to \(bytes.upperBound) are damaged: they belong to no living "
                            + "message, and none is affected"))
            case .gap(let bytes):
                guard bytes.lowerBound < end, !claimed.overlaps(bytes) else { continue }
                stretch.problems.append(
                    Stretch.Problem(
                        range: bytes,
                        text:
                            "the bytes from \(bytes.lowerBound) to \(bytes.upperBound) cannot be understood: no living message "
                            + "is affected"))
            }
        }
        return stretch
    }

    /// Content whose row is lost, or says the wrong place, but whose record is there.
    private mutating func repairRows(_ candidates: [Int64: Stretch.Candidate]) async throws(StoreError) {
        for (id, candidate) in candidates {
            guard var entry = lost[id], !entry.isRepaired else { continue }
            let content = shard.content
            let summary = try await shard.readers.readContent { compressor throws(ContentError) in
                try StoredSummary.make(from: ContentAccess(candidate.location, in: content), with: compressor)
            }
            entry.subject = summary.shownSubject
            entry.damage = entry.hasRow ? "the index has a wrong place for its content" : entry.damage
            entry.damage += "; the content itself is sound"
            if repair {
                let references = entry.references
                let hasRow = entry.hasRow
                try await shard.writer.perform { batch throws(StoreError) in
                    try batch.restoreContent(
                        candidate.location, candidate.header, summary: summary, references: references, hasRow: hasRow)
                }
                entry.isRepaired = true
            }
            lost[id] = entry
        }
    }

    private mutating func compareCounts(
        _ number: Int64, _ references: ReferenceCheck, _ stretch: Stretch
    ) async throws(StoreError) {
        var living = references.living[number] ?? ReferenceCheck.SegmentCount()
        // Content whose row is lost counts as well: it is there.
        for candidate in stretch.candidates.values where lost[candidate.location.contentID]?.hasRow == false {
            living.add(start: 0, length: candidate.location.length)
        }
        living.end = 0
        var counted = references.counted[number] ?? ReferenceCheck.SegmentCount()
        counted.end = 0
        guard counted != living else { return }
        let excess = counted.records - living.records
        if excess > 0, stretch.deadRecords > 0 {
            let samples = stretch.samples.prefix(5).map(Self.describe).joined(separator: "; ")
            add(
                name(number),
                "the index counts \(counted.records) messages in it and knows \(living.records): it may have lost \(excess) of "
                    + "the \(stretch.deadRecords) that are there without a row (\(samples)); `martlet salvage --missing` "
                    + "brings back what the index does not know")
            return
        }
        if repair {
            try await shard.writer.perform { batch throws(StoreError) in try batch.recount(segment: number) }
        }
        add(
            name(number),
            "the index counts \(counted.records) messages with \(counted.bytes) bytes in it, there are \(living.records) with "
                + "\(living.bytes): no mail is affected", isRepaired: repair)
    }

    static func describe(_ placement: Placement) -> String {
        let date = Timestamp(rawValue: placement.received).shown
        switch placement.kind {
        case .folder:
            return "for \(placement.address), received \(date), UID \(placement.uid) when it came"
        case .queue:
            return "to \(placement.envelopeRecipient), received \(date)"
        }
    }

    // MARK: Objects

    mutating func verifyObjects() async throws(StoreError) {
        // Put away because its row was lost: it is needed after all.
        for id in shard.content.objectsSetAside() where lost[id] != nil { shard.content.restoreObject(id) }
        let files = shard.content.objects().sorted()
        let rows = Set(
            try await shard.readers.read { connection throws(StoreError) in
                try connection.rows(.selectObjects, { _ in }, { $0.integer(0) })
            })
        let content = shard.content
        for id in files where !rows.contains(id) {
            let found: Result<RecordHeader, ContentError> = try await shard.readers.readContent {
                compressor throws(ContentError) in
                do throws(ContentError) {
                    let access = try ContentAccess(object: id, in: content)
                    _ = try access.verify(with: compressor)
                    return .success(access.header)
                } catch {
                    guard case .damaged = error else { throw error }
                    return .failure(error)
                }
            }
            switch found {
            case .success(let header):
                let location = ContentLocation(
                    contentID: id, segment: 0, offset: 0, length: Int64(header.recordLength))
                if lost[id] != nil {
                    try await repairRows([id: Stretch.Candidate(location: location, header: header)])
                } else {
                    report.notes.append(
                        "\(content.objectName(id)) is not part of any mail; a crash or a deletion under way leaves such files"
                    )
                }
            case .failure(let error):
                // Purged meanwhile.
                guard content.objectLength(id) != nil else { continue }
                add(content.objectName(id), "\(error); no message refers to it, and none is affected")
            }
        }
        for id in content.objectsSetAside() where lost[id] == nil {
            report.notes.append(
                "\(content.objectName(id)).orphan is not part of any mail: a crash or a deletion under way leaves such files; it goes by itself after "
                    + "\(shard.options.recoverableDays) days")
        }
    }
}

extension WriteBatch {
    /// Writes a content row anew from its record.
    fileprivate func restoreContent(
        _ location: ContentLocation, _ header: RecordHeader, summary: MessageSummary, references: Int64, hasRow: Bool
    ) throws(StoreError) {
        let references = try self.references(of: location.contentID)?.count ?? references
        if hasRow { try run(.deleteContent) { $0.bind(location.contentID) } }
        try insertContent(
            location, codec: header.codec, size: Int64(header.rawLength), references: references,
            summary: ContentSeal.none.seal(summary.encode()), checksum: header.payloadChecksum)
    }

    /// Counts a segment's living records and their bytes.
    fileprivate func recount(segment: Int64) throws(StoreError) {
        let counted =
            try connection.rows(
                .countContentOfSegment, { $0.bind(segment) }, { ($0.integer(0), $0.integer(1), $0.integer(2)) }
            ).first ?? (0, 0, 0)
        try run(.setSegment) { statement in
            statement.bind(segment)
            statement.bind(counted.0)
            statement.bind(counted.1)
            statement.bind(counted.2)
        }
    }
}
