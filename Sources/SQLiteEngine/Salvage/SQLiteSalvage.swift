import ContentStore
import Glibc
import MailModel
package import MailStore

extension DatabaseShard {
    /// Builds a new index from the content files and puts it in place of the old one, which is kept. Throws `locked` while a server
    /// runs, and `notFound` where there is nothing to salvage from.
    ///
    /// - Parameters:
    ///   - isRehearsal: the new index is built and thrown away.
    ///   - progress: gets bytes of content files, on another thread.
    package static func salvage(
        directory: String, options: StoreOptions, isRehearsal: Bool = false,
        progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void
    ) async throws(StoreError) -> SalvageReport {
        let lock = try DataFolderLock.take(directory)
        defer { lock.release() }
        return try await blocking { () throws(StoreError) in
            try SalvageRun(directory: directory, options: options, isRehearsal: isRehearsal).run(progress)
        }
    }

    /// Brings into the index, which must be sound, the mail whose records lie behind all that it knows: for an index that lost its
    /// newest changes, such as one from a backup. Flags, moves and deletions of that time are lost; what a crash left behind may
    /// come as well.
    package static func salvageMissing(
        directory: String, options: StoreOptions, isRehearsal: Bool = false,
        progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void
    ) async throws(StoreError) -> CatchUp.Report {
        let lock = try DataFolderLock.take(directory)
        defer { lock.release() }
        return try await blocking { () throws(StoreError) in
            try SalvageRun(directory: directory, options: options, isRehearsal: isRehearsal).runMissing(progress)
        }
    }

    /// Refuses a folder that has mail and no index: an empty index in its place would make all of it garbage.
    static func checkIndex(directory: String) throws(StoreError) {
        guard IndexFile(directory: directory).length == 0, MailFiles.exist(in: directory) else { return }
        throw .damaged("the index store.sqlite is missing or empty, though there is mail in content/ or objects/")
    }
}

/// Whether a folder holds mail, without touching it.
enum MailFiles {
    static func exist(in directory: String) -> Bool {
        FolderListing.names(in: directory + "/content").contains { $0.hasSuffix(".seg") }
            || FolderListing.names(in: directory + "/objects").contains { Int64($0) != nil }
    }
}

/// One salvage of a folder that is locked.
private struct SalvageRun {
    let directory: String
    let options: StoreOptions
    let isRehearsal: Bool

    private var files: FileOperations { options.waitsForDisk ? options.files : options.files.withoutWaiting }

    func run(_ progress: (Int64, Int64) -> Void) throws(StoreError) -> SalvageReport {
        let exchange = IndexExchange(directory: directory, files: files)
        try exchange.finish()
        let current = IndexFile(directory: directory)
        guard MailFiles.exist(in: directory) || current.length > 0 else {
            throw .notFound("mail in \(directory): it has neither content files nor an index")
        }
        let content = try storeErrors { () throws(ContentError) in
            try ContentFolder(path: directory, files: files, objectThreshold: options.objectThreshold)
        }
        // Put away while an older index was in use: part of the mail all the same.
        if !isRehearsal { for id in content.objectsSetAside() { content.restoreObject(id) } }
        let old = openOld(current)
        defer { old?.close() }
        let (report, damaged) = try build(exchange.draft, old.map { OldIndex($0) }, content, progress)
        old?.close()
        guard !isRehearsal else {
            exchange.draft.remove()
            return report
        }
        return try put(exchange, report, damaged, content)
    }

    func runMissing(_ progress: (Int64, Int64) -> Void) throws(StoreError) -> CatchUp.Report {
        let exchange = IndexExchange(directory: directory, files: files)
        try exchange.finish()
        try DatabaseShard.checkIndex(directory: directory)
        let current = IndexFile(directory: directory)
        guard current.length > 0 else {
            throw .notFound("mail in \(directory): it has neither content files nor an index")
        }
        _ = try FormatConversion(directory: directory, options: options).upgrade()
        try current.settle(files)
        try current.copy(to: exchange.draft, files) { _, _ in }
        let report = try catchUp(exchange.draft, progress)
        let isWanted = !isRehearsal && report.messages + report.queued > 0
        guard isWanted else {
            exchange.draft.remove()
            return report
        }
        try exchange.draft.settle(files)
        try report.epoch.write(directory: directory, files: files)
        _ = try exchange.commit("before", time: options.now().seconds)
        return report
    }

    private func catchUp(
        _ draft: IndexFile, _ progress: (Int64, Int64) -> Void
    ) throws(StoreError) -> CatchUp.Report {
        let content = try storeErrors { () throws(ContentError) in
            try ContentFolder(path: directory, files: files, objectThreshold: options.objectThreshold)
        }
        if !isRehearsal { for id in content.objectsSetAside() { content.restoreObject(id) } }
        let database = SQLiteDatabase(path: draft.path, waitsForDisk: false, program: options.program, now: options.now)
        let connection = try asStoreError { () throws(SQLError) in try database.openWriter() }
        defer { connection.close() }
        let known = AccountEpoch.read(directory: directory)
        let mark = try CatchUp.Mark.of(connection)
        return try CatchUp(connection, content: content, options: options).run(
            beyond: mark, epoch: known, progress: progress)
    }

    private func openOld(_ index: IndexFile) -> (any SQLConnection)? {
        guard index.length > 0 else { return nil }
        let database = SQLiteDatabase(path: index.path, waitsForDisk: false)
        do throws(SQLError) {
            let connection = try database.openReader()
            return connection
        } catch {
            return nil
        }
    }

    private func build(
        _ draft: IndexFile, _ old: OldIndex?, _ content: ContentFolder, _ progress: (Int64, Int64) -> Void
    ) throws(StoreError) -> (SalvageReport, [Int64]) {
        let file = open(draft.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .unavailable("create \(draft.path): \(String(cString: strerror(errno)))") }
        close(file)
        // Synced once, at the end: until then it is worth nothing.
        let database = SQLiteDatabase(
            path: draft.path, waitsForDisk: false, program: options.program, now: options.now)
        let connection = try asStoreError { () throws(SQLError) in try database.openWriter() }
        defer { connection.close() }
        var salvage = Salvage(into: connection, from: old, content: content, options: options)
        let report = try salvage.run(epoch: AccountEpoch.read(directory: directory), progress: progress)
        return (report, salvage.damagedSegments)
    }

    private func put(
        _ exchange: IndexExchange, _ made: SalvageReport, _ damaged: [Int64], _ content: ContentFolder
    ) throws(StoreError) -> SalvageReport {
        var report = made
        try exchange.draft.settle(files)
        let time = options.now().seconds
        for number in damaged {
            // What is left of a damaged file must not go with the last message that could be read from it.
            let name = "\(content.segmentName(number)).damaged-\(time)"
            try storeErrors { () throws(ContentError) in
                if ContentFolder.length(of: directory + "/" + name) == nil {
                    try files.link(content.segmentPath(number), directory + "/" + name)
                }
            }
            report.keptFiles.append(name)
        }
        try report.epoch.write(directory: directory, files: files)
        report.oldIndex = try exchange.commit("damaged", time: time)
        return report
    }
}
