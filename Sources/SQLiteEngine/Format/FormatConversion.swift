package import ContentStore
package import MailModel
package import MailStore

/// Takes the index of a data folder from its format to another one, up or down. The folder's lock is held, the index is open
/// nowhere.
///
/// The index in use is never written: a copy is converted and put in its place by one `rename`, which is the instant of
/// commitment. Before that the old index gets a second name, in the snapshot, which becomes its only one. So a kill leaves the
/// old index or the new one, and a full disk the old one. docs/crash-states.md has the states.
package struct FormatConversion: Sendable {
    /// Points of interest to tests.
    package enum Instant: Hashable, Sendable {
        case settled
        case snapshotMade
        case copied
        case stepDone(String)
        case converted
        case replaced
    }

    package struct Report: Hashable, Sendable {
        package let from: StoreFormat
        package let to: StoreFormat
        /// The snapshot of the index before.
        package let snapshot: String
        /// What the new format cannot express, in sentences.
        package let losses: [String]
    }

    let directory: String
    /// Who converts, for the index and the snapshot.
    package var program = ""
    package var files = FileOperations()
    package var steps = FormatStep.all
    package var current = StoreFormat.current
    package var now: @Sendable () -> Timestamp
    package var progress: @Sendable (StoreProgress) -> Void = { _ in }
    /// Bytes that may be written in a folder; nil if nobody knows.
    package var freeBytes: @Sendable (_ path: String) -> Int64? = { FolderListing.freeBytes(at: $0) }
    package var instant: @Sendable (Instant) -> Void = { _ in }

    package init(directory: String, now: @escaping @Sendable () -> Timestamp) {
        self.directory = directory
        self.now = now
    }

    init(directory: String, options: StoreOptions) {
        self.init(directory: directory, now: options.now)
        program = options.program
        files = options.waitsForDisk ? options.files : options.files.withoutWaiting
        progress = options.progress
    }

    var index: IndexFile { IndexFile(directory: directory) }
    /// The copy that is converted.
    var copy: IndexFile { IndexFile(index.path + ".new") }

    /// Brings an older index to the current format; one that is current, or not there yet, stays as it is.
    ///
    /// - Throws: `notAllowed` if a newer program has written it, in a sentence that says which; `unavailable` if there is not
    ///   enough space or the disk fails: nothing has changed then.
    package func upgrade() throws(StoreError) -> Report? {
        guard let found = try format() else { return nil }
        guard found != current else {
            copy.remove()
            return nil
        }
        guard found < current else { throw try refusal(of: found) }
        return try convert(from: found, to: current, reason: "upgrade to \(current)")
    }

    /// The format of the index; nil if there is none yet.
    package func format() throws(StoreError) -> StoreFormat? {
        guard index.length > 0 else { return nil }
        // The usual case, without opening it: conversions put an index in place whole, so a header never lags behind the log.
        if index.formatInHeader() == current { return current }
        let connection = try index.connect()
        defer { connection.close() }
        let found = StoreFormat(stored: try work(on: connection, "").integer("PRAGMA user_version"))
        return found.stored == 0 ? nil : found
    }

    func refusal(of found: StoreFormat) throws(StoreError) -> StoreError {
        let connection = try index.connect()
        defer { connection.close() }
        let writer = FormatHistory.lastProgram(on: connection) ?? "a newer program"
        return .notAllowed(
            "the data folder \(directory) has format \(found), written by \(writer); this program reads formats up to \(current)"
        )
    }

    /// Converts the index, whose format is `from`.
    func convert(from: StoreFormat, to: StoreFormat, reason: String) throws(StoreError) -> Report {
        let snapshots = Snapshots(directory: directory, files: files)
        copy.remove()
        snapshots.removeUnfinished()
        try index.settle(files)
        instant(.settled)
        progress(.begins(from: from, to: to, bytes: index.length))
        try checkSpace(for: index)
        let snapshot = try snapshots.make(
            format: from, program: program, time: now(), reason: reason)
        instant(.snapshotMade)
        progress(.snapshot(snapshot.path))
        do throws(StoreError) {
            let losses = try convertCopy(of: index, from: from, to: to)
            try copy.replace(index, files)
            instant(.replaced)
            progress(.ends(to))
            return Report(from: from, to: to, snapshot: snapshot.path, losses: losses)
        } catch {
            // The snapshot would be taken for one to go back to; the index that it names is still in use.
            copy.remove()
            snapshots.removeUnfinished()
            throw error
        }
    }

    /// Makes the copy and removes it. Returns what the older format cannot express.
    func rehearse(from: StoreFormat, to: StoreFormat) throws(StoreError) -> [String] {
        copy.remove()
        try index.settle(files)
        try checkSpace(for: index)
        defer { copy.remove() }
        return try convertCopy(of: index, from: from, to: to)
    }

    /// What a conversion writes at most: the copy, whose rows may grow.
    func checkSpace(for source: IndexFile) throws(StoreError) {
        let needed = source.length + source.length / 4 + (16 << 20)
        guard let free = freeBytes(directory), free < needed else { return }
        throw .diskFull(
            "converting the index needs \(Self.megabytes(needed)) of free space, there are \(Self.megabytes(free)); "
                + "nothing has been changed")
    }

    private static func megabytes(_ bytes: Int64) -> String { "\((bytes + 999_999) / 1_000_000) MB" }

    /// Makes `copy` of `source`, in the format `to`, checked but not yet synced. Returns what got lost.
    func convertCopy(of source: IndexFile, from: StoreFormat, to: StoreFormat) throws(StoreError) -> [String] {
        let (progress, name, target) = (progress, "copy of the index", copy.path)
        progress(.step(name, done: 0, total: source.length))
        if to >= .pageChecksums {
            try asStoreError { () throws(SQLError) in try PageChecksums.copy(source.path, to: target) }
            progress(.step(name, done: source.length, total: source.length))
        } else {
            try source.copy(to: copy, files) { progress(.step(name, done: $0, total: $1)) }
        }
        instant(.copied)
        let losses = try alterCopy(from: from, to: to)
        instant(.converted)
        return losses
    }

    /// Takes the copy, which has the current format, to an older one.
    func convertCopyBack(to: StoreFormat) throws(StoreError) -> [String] {
        let losses = try to == current ? [] : alterCopy(from: current, to: to)
        instant(.converted)
        return losses
    }

    private func alterCopy(from: StoreFormat, to: StoreFormat) throws(StoreError) -> [String] {
        let connection = try copy.connect()
        defer { connection.close() }
        let work = try work(on: connection, "")
        // A copy that a crash spoils is thrown away, so nothing need be undone and nothing waits for the disk.
        try work.execute("PRAGMA journal_mode=DELETE")
        try work.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536")
        // A copy byte by byte has its source's damage, which nothing would tell once the checksums are gone.
        if to < .pageChecksums { try check(work) }
        let before = try counts(work)
        try work.execute("BEGIN IMMEDIATE")
        let (taken, losses) = try take(from, to, connection)
        try work.execute("UPDATE shard SET format = \(to.stored); PRAGMA user_version=\(to.stored); COMMIT")
        if to < .pageChecksums { try work.execute(PageChecksums.removal) }
        try compare(before, counts(work), but: taken)
        try remember(to, work)
        try check(work)
        return losses
    }

    /// Reads every page.
    private func check(_ work: FormatWork) throws(StoreError) {
        let answer = try asStoreError { () throws(SQLError) in try work.connection.values("PRAGMA quick_check(1)") }
        guard answer != ["ok"] else { return }
        // The first line names the database: there is only one.
        let lines = (answer.first ?? "").split(separator: "\n").filter { !$0.hasPrefix("***") }
        throw .damaged("the index is damaged: \(lines.joined(separator: "; "))")
    }

    /// Runs the steps between two formats. Returns the tables that come or go with them, and what gets lost.
    private func take(
        _ from: StoreFormat, _ to: StoreFormat, _ connection: SQLiteConnection
    ) throws(StoreError) -> (tables: Set<String>, losses: [String]) {
        let isUp = from < to
        let taken = steps.filter { isUp ? $0.from >= from && $0.from < to : $0.from >= to && $0.from < from }
        guard taken.count == abs(to.number - from.number) else {
            throw .notAllowed("no way leads from format \(from) to format \(to) in this program")
        }
        var losses: [String] = []
        for step in isUp ? taken : taken.reversed() {
            let work = try work(on: connection, step.name)
            if isUp {
                try step.up(work)
            } else {
                losses += try step.losses(work)
                try step.down(work)
            }
            progress(.step(step.name, done: 1, total: 1))
            instant(.stepDone(step.name))
        }
        return (taken.reduce(into: []) { $0.formUnion($1.newTables) }, losses)
    }

    /// Writes into the index who has brought it to its format, where the format has a place for that.
    private func remember(_ format: StoreFormat, _ work: FormatWork) throws(StoreError) {
        guard try work.integer("SELECT COUNT(*) FROM sqlite_master WHERE name = 'format_history'") == 1 else { return }
        try asStoreError { () throws(SQLError) in
            try FormatHistory.add(format, program, now(), on: work.connection)
        }
    }

    private func counts(_ work: FormatWork) throws(StoreError) -> [String: Int64] {
        let tables = try asStoreError { () throws(SQLError) in
            try work.connection.values("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        }
        var counts: [String: Int64] = [:]
        for table in tables { counts[table] = try work.integer("SELECT COUNT(*) FROM \"\(table)\"") }
        return counts
    }

    private func compare(
        _ before: [String: Int64], _ after: [String: Int64], but tables: Set<String>
    ) throws(StoreError) {
        for table in Set(before.keys).union(after.keys).subtracting(tables) where before[table] != after[table] {
            let (old, new) = (before[table] ?? 0, after[table] ?? 0)
            throw .damaged("the conversion made \(new) rows in \(table) of \(old): it has been given up")
        }
    }

    func work(on connection: SQLiteConnection, _ name: String) throws(StoreError) -> FormatWork {
        let progress = progress
        let content: ContentFolder = try storeErrors { () throws(ContentError) in
            try ContentFolder(path: directory, files: files, objectThreshold: .max)
        }
        return FormatWork(connection, content: content) { progress(.step(name, done: $0, total: $1)) }
    }
}
