package import ContentStore
import MailModel

/// Brings into an older index the mail whose records were written after it, as it was delivered: the index of a snapshot learns
/// what was accepted since. Nobody has the index open.
///
/// Later changes of that mail are in no record: flags are those of delivery, a message that was moved is back in its first
/// folder, one that was deleted may return. As the numbers after the older index have been given out before, the epoch of every
/// account is raised.
package struct CatchUp {
    /// What belongs to the older index: bytes of each segment, and objects.
    package struct Mark: Sendable {
        package var segments: [Int64: Int64]
        package var objects: Set<Int64>
        package init(segments: [Int64: Int64], objects: Set<Int64>) {
            self.segments = segments
            self.objects = objects
        }

        /// What belongs to the index on `connection`.
        package static func of(_ connection: any SQLConnection) throws(StoreError) -> Mark {
            let segments = try connection.rows(.selectSegments, { _ in }, { ($0.integer(0), $0.integer(3)) })
            let objects = try connection.rows(.selectObjects, { _ in }, { $0.integer(0) })
            return Mark(
                segments: Dictionary(segments, uniquingKeysWith: { max($0, $1) }), objects: Set(objects))
        }
    }

    package struct Report: Hashable, Sendable {
        package var messages = 0
        /// Recipients put into the queue again.
        package var queued = 0
        /// Addresses of accounts that the older index did not have: made anew, without a password.
        package var accounts: [String] = []
        /// Records that cannot be brought in, and why.
        package var damage: [String] = []
        /// Of this index now; to be remembered before it is put in place.
        package var epoch = AccountEpoch()
    }

    /// Ids left free, as many may have been given out that no record bears.
    private static let margin: Int64 = 1 << 20
    /// Records in one transaction.
    private static let batch = 200

    private let connection: any SQLConnection
    private let content: ContentFolder
    private let options: StoreOptions

    package init(_ connection: any SQLConnection, content: ContentFolder, options: StoreOptions) {
        self.connection = connection
        self.content = content
        self.options = options
    }

    /// - Parameter known: what other indexes of this folder have given out.
    package func run(
        beyond mark: Mark, epoch known: AccountEpoch, progress: (_ done: Int64, _ total: Int64) -> Void
    ) throws(StoreError) -> Report {
        var report = Report()
        let compressor = Compressor()
        let found = try RecordSearch(content: content, compressor: compressor).run(beyond: mark, &report.damage)
        let opening = ShardOpening(connection: connection, content: content, options: options, dialect: .sqlite)
        var counters = try opening.counters()
        counters.nextContent = max(counters.nextContent, found.highestContent + 1)
        counters.nextAccount = max(counters.nextAccount, (found.highest.keys.max() ?? 0) + 1)
        let segments = SegmentWriter(folder: content, next: .max, limit: .max, now: { 0 })
        let batch = WriteBatch(
            connection: connection, segments: segments, options: options, counters: counters, handles: AccountHandles(),
            directorySubscribers: Subscribers())
        let work = CatchUpBatch(batch: batch, content: content, compressor: compressor)
        try work.transaction { () throws(StoreError) in
            // Written even if nothing else is: these numbers have been given out.
            batch.raise(\.nextContent, above: found.highestContent)
            batch.raise(\.nextAccount, above: found.highest.keys.max() ?? 0)
            report.accounts = try work.makeAccounts(found.accounts)
        }
        work.forget()
        try asStoreError { () throws(SQLError) in try connection.execute("BEGIN IMMEDIATE") }
        report.epoch = try AccountEpoch.raise(on: connection, beyond: known, now: options.now())
        try asStoreError { () throws(SQLError) in try connection.execute("COMMIT") }
        for (account, id) in found.highest { work.lowestIDs[account] = id + Self.margin }
        let total = Int64(found.locations.count)
        var done = 0
        while done < found.locations.count {
            let page = found.locations[done..<min(done + Self.batch, found.locations.count)]
            try work.transaction { () throws(StoreError) in
                for location in page { try work.bringIn(location, &report) }
            }
            done += page.count
            progress(Int64(done), total)
        }
        return report
    }
}

/// Looks for records behind a mark.
private struct RecordSearch {
    let content: ContentFolder
    let compressor: Compressor

    struct Found {
        /// In the order of writing.
        var locations: [ContentLocation] = []
        var highestContent: Int64 = 0
        /// Account → address.
        var accounts: [Int64: String] = [:]
        /// Account → the highest id that a record bears.
        var highest: [Int64: Int64] = [:]
    }

    func run(beyond mark: CatchUp.Mark, _ damage: inout [String]) throws(StoreError) -> Found {
        var found = Found()
        // A batch that failed has left records whose ids were given again: the last one is the one that counts.
        var places: [Int64: Int] = [:]
        func add(_ location: ContentLocation, _ placements: [Placement]) {
            if let place = places[location.contentID] {
                found.locations[place] = location
            } else {
                places[location.contentID] = found.locations.count
                found.locations.append(location)
            }
            found.highestContent = max(found.highestContent, location.contentID)
            for placement in placements where placement.kind == .folder {
                found.accounts[placement.account] = placement.address
                let highest = max(placement.item, placement.email, placement.thread, placement.folder)
                found.highest[placement.account] = max(found.highest[placement.account] ?? 0, highest)
            }
        }
        do throws(ContentError) {
            for segment in content.segments() {
                let length = content.segmentLength(segment) ?? 0
                let first = mark.segments[segment].map { max($0, 64) }
                if let first, first >= length { continue }
                let scan = try SegmentScan(segment, in: content, range: first.map { $0..<length })
                if let text = scan.headerDamage { damage.append("segment \(segment): \(text)") }
                while let next = try scan.next(with: compressor) {
                    switch next {
                    case .record(let record) where record.damage == nil: add(record.location, record.placements)
                    case .record(let record):
                        damage.append("content \(record.location.contentID): \(record.damage ?? "")")
                    case .gap(let range): damage.append("\(range.count) bytes of segment \(segment) are no record")
                    }
                }
            }
            for object in content.objects().sorted() where !mark.objects.contains(object) {
                guard let length = ContentFolder.length(of: content.objectPath(object)) else { continue }
                let location = ContentLocation(contentID: object, segment: 0, offset: 0, length: length)
                do throws(ContentError) {
                    add(location, try ContentAccess(location, in: content).placements())
                } catch {
                    guard case .damaged(let text) = error else { throw error }
                    damage.append("content \(object): \(text)")
                }
            }
        } catch {
            throw error.storeError
        }
        return found
    }
}
