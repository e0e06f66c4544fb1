import ContentStore
import MailModel

/// What is done once when a shard is opened, on the writer's thread.
struct ShardOpening {
    let connection: any SQLConnection
    let content: ContentFolder
    let options: StoreOptions
    let dialect: SQLDialect

    /// The shard's counters.
    func counters() throws(StoreError) -> ShardCounters {
        try asStoreError { () throws(SQLError) in
            let statement = try connection.statement(.selectShard)
            defer { statement.finish() }
            guard try statement.step() else { throw SQLError(.corrupt, "the store has no row about itself") }
            return ShardCounters(
                nextAccount: statement.integer(1), nextContent: statement.integer(2), nextQueue: statement.integer(3),
                nextTrace: statement.integer(4), nextCredential: statement.integer(5), nextAudit: statement.integer(6))
        }
    }

    /// The segment writer, set to where the last record ends; what lies behind or beside the rows is put away.
    func segments() throws(StoreError) -> SegmentWriter {
        try setAsideOrphanObjects()
        let present = content.segments()
        let known = try integers(.selectSegments)
        let last = max(present.last ?? 0, known.max() ?? 0)
        let now = options.now
        let writer = SegmentWriter(
            folder: content, next: last + 1, limit: options.segmentLimit, now: { now().rawValue })
        let end = try integers(.selectActiveSegmentEnd, columns: 2)
        do throws(ContentError) {
            let isSound = if let newest = present.last { try checkFormat(newest) } else { false }
            // Only a sound segment that ends with a committed record is gone on with; any other keeps its tail for ever, and so
            // does one that a snapshot shares.
            if isSound, !content.isShared(last), end.count == 2, end[0] == last,
                let length = content.segmentLength(last),
                length == end[1], length < options.segmentLimit
            {
                try writer.resume(last, length: Int(length))
            }
        } catch {
            throw error.storeError
        }
        return writer
    }

    /// Whether the header is sound. A torn one is a crash at the very beginning of a segment; one of a newer program is not.
    private func checkFormat(_ segment: Int64) throws(ContentError) -> Bool {
        do throws(ContentError) {
            try content.checkSegment(segment)
            return true
        } catch {
            if case .newerFormat = error { throw error }
            return false
        }
    }

    private func setAsideOrphanObjects() throws(StoreError) {
        let files = content.objects()
        guard !files.isEmpty else { return }
        let rows = Set(try integers(.selectObjects))
        for id in files where !rows.contains(id) { content.setAsideObject(id) }
    }

    private func integers(_ statement: StoreStatement, columns: Int = 1) throws(StoreError) -> [Int64] {
        try asStoreError { () throws(SQLError) in
            let statement = try connection.statement(statement)
            defer { statement.finish() }
            var values: [Int64] = []
            while try statement.step() { for column in 0..<columns { values.append(statement.integer(column)) } }
            return values
        }
    }
}
