import ContentStore
package import MailStore

/// Brings a stopped data folder back to an older format, for the program that wrote it, with all that came since.
///
/// The ordinary way converts the index in use, step by step in reverse. Every number stays what it was, and so do the counters
/// from which new ones are taken: no client can be told an old number for a new thing, so no epoch is raised.
///
/// Where that index cannot be read, or on demand, the snapshot's index is taken instead, and mail accepted since is brought in
/// from its records. Numbers given out since may be given again, so the epoch of every account is raised.
package struct Rollback: Sendable {
    package struct Request: Hashable, Sendable {
        /// The format before the one that is there, if not given.
        package var to: StoreFormat?
        /// Whether the snapshot is restored though the index can be read.
        package var fromSnapshot = false
        /// Whether to do no more than say what would be done.
        package var isDryRun = false
        package init() {}
    }

    package struct Report: Hashable, Sendable {
        /// Nil: the index could not be read.
        package var from: StoreFormat?
        package var to: StoreFormat
        /// Where the index of before is kept; nil in a dry run.
        package var kept: String?
        /// The snapshot that was restored; nil if the index itself was converted.
        package var restored: String?
        /// Messages brought into the snapshot's index.
        package var messages = 0
        /// What the older format, or the older snapshot, does not have, in sentences.
        package var losses: [String] = []
    }

    let conversion: FormatConversion

    package init(_ conversion: FormatConversion) { self.conversion = conversion }

    private var exchange: IndexExchange { IndexExchange(directory: conversion.directory, files: conversion.files) }

    /// Takes the folder's lock and rolls back. Blocks on a thread of its own.
    package static func run(
        directory: String, request: Request, options: StoreOptions
    ) async throws(StoreError) -> Report {
        guard IndexFile(directory: directory).exists || !Snapshots(directory: directory).all().isEmpty else {
            throw .notFound("there is no store in \(directory)")
        }
        let lock = try DataFolderLock.take(directory)
        defer { lock.release() }
        let rollback = Rollback(FormatConversion(directory: directory, options: options))
        return try await blocking { () throws(StoreError) in try rollback.run(request) }
    }

    package func run(_ request: Request) throws(StoreError) -> Report {
        try exchange.finish()
        // Before SQLite opens the log, which takes back what is behind a damaged frame.
        let findings = (try? WriteAheadLogOpening(database: conversion.index.path).inspect()) ?? []
        var report = try runOnIndex(request)
        report.losses = findings.filter { !$0.isCorrected }.map(\.text) + report.losses
        return report
    }

    private func runOnIndex(_ request: Request) throws(StoreError) -> Report {
        let found: StoreFormat
        do throws(StoreError) {
            guard let format = try conversion.format() else { throw .damaged("the index is empty") }
            found = format
        } catch {
            guard case .damaged(let text) = error else { throw error }
            return try restore(request, from: nil, damage: text)
        }
        guard found <= conversion.current else { throw try conversion.refusal(of: found) }
        if request.fromSnapshot { return try restore(request, from: found, damage: nil) }
        let target = try target(request, found)
        do throws(StoreError) {
            if request.isDryRun {
                return Report(from: found, to: target, losses: try conversion.rehearse(from: found, to: target))
            }
            let report = try conversion.convert(from: found, to: target, reason: "rollback to \(target)")
            return Report(from: found, to: target, kept: report.snapshot, losses: report.losses)
        } catch {
            guard case .damaged(let text) = error else { throw error }
            return try restore(request, from: nil, damage: text)
        }
    }

    private func target(_ request: Request, _ found: StoreFormat) throws(StoreError) -> StoreFormat {
        let target = request.to ?? found.previous
        guard target < found else {
            throw .notAllowed("the data folder \(conversion.directory) has format \(found) already")
        }
        guard target >= StoreFormat(0) else { throw .notAllowed("there is no format \(target)") }
        return target
    }

    // MARK: From a snapshot

    private func restore(
        _ request: Request, from found: StoreFormat?, damage: String?
    ) throws(StoreError) -> Report {
        let snapshots = Snapshots(directory: conversion.directory, files: conversion.files)
        snapshots.removeUnfinished()
        let current = conversion.current
        let usable = snapshots.all().filter { snapshot in
            if let wanted = request.to { return snapshot.format == wanted }
            return snapshot.format < (found ?? current)
        }
        guard let snapshot = usable.last else {
            let what = request.to.map { "of format \($0)" } ?? "of an older format"
            let why = damage.map { "the index cannot be read (\($0)), and " } ?? ""
            throw .notAllowed("\(why)there is no snapshot \(what) in \(conversion.directory)/snapshots")
        }
        conversion.copy.remove()
        try conversion.checkSpace(for: snapshot.index)
        var report = Report(from: found, to: snapshot.format, restored: snapshot.path)
        report.losses = try fillCopy(of: snapshot, request, &report.messages, knownEpoch(found))
        if let damage { report.losses.insert("the index could not be read: \(damage)", at: 0) }
        if request.isDryRun {
            conversion.copy.remove()
            return report
        }
        let isSettled = settleIfPossible()
        let kept = try snapshots.make(
            format: found ?? current, program: conversion.program, time: conversion.now(),
            reason: "rollback to \(snapshot.format) from a snapshot", withLog: !isSettled)
        conversion.instant(.snapshotMade)
        // The old log would be taken for that of the new index: both change at one instant.
        try conversion.copy.replace(exchange.ready, conversion.files)
        conversion.instant(.replaced)
        try exchange.finish()
        report.kept = kept.path
        return report
    }

    /// Makes the copy: the snapshot's index with what came since, in the snapshot's format.
    private func fillCopy(
        of snapshot: Snapshot, _ request: Request, _ messages: inout Int, _ known: AccountEpoch
    ) throws(StoreError) -> [String] {
        if !request.isDryRun {
            try Snapshots(directory: conversion.directory, files: conversion.files).restoreContent(of: snapshot)
        }
        _ = try conversion.convertCopy(of: snapshot.index, from: snapshot.format, to: conversion.current)
        let mark = CatchUp.Mark(
            segments: Dictionary(
                snapshot.manifest.segments.map { ($0.number, $0.length) }, uniquingKeysWith: { max($0, $1) }),
            objects: Set(snapshot.manifest.objects))
        let caught = try catchUp(mark, known)
        // Remembered before any client can be told a number of the new epoch.
        if !request.isDryRun {
            try caught.epoch.merged(with: known).write(directory: conversion.directory, files: conversion.files)
        }
        let losses = try conversion.convertCopyBack(to: snapshot.format)
        messages = caught.messages
        let time = snapshot.manifest.time
        return losses + [
            "flags, folders, moves, deletions, accounts, passwords and settings are those of \(time): later changes are lost, "
                + "mail deleted since may be back, mail sent since may be sent again",
            "every client sees all folders as new, as their numbers may have been given to other mail since",
        ]
            + (caught.queued > 0
                ? ["\(caught.queued) recipients of mail accepted since are in the queue again, held"] : [])
            + caught.accounts.map {
                "account \($0) was made after that time: it has its mail, and needs a new password"
            }
            + caught.damage
    }

    private func catchUp(_ mark: CatchUp.Mark, _ known: AccountEpoch) throws(StoreError) -> CatchUp.Report {
        let connection = try conversion.copy.connect()
        defer { connection.close() }
        let content: ContentFolder = try storeErrors { () throws(ContentError) in
            try ContentFolder(path: conversion.directory, files: conversion.files, objectThreshold: .max)
        }
        try asStoreError { () throws(SQLError) in
            try connection.execute("PRAGMA journal_mode=DELETE")
            try connection.execute("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536")
        }
        var options = StoreOptions(now: conversion.now)
        options.program = conversion.program
        let work = CatchUp(connection, content: content, options: options)
        let progress = conversion.progress
        return try work.run(beyond: mark, epoch: known) {
            progress(.step("mail accepted since", done: $0, total: $1))
        }
    }

    /// What clients may have been told so far.
    private func knownEpoch(_ found: StoreFormat?) -> AccountEpoch {
        let file = AccountEpoch.read(directory: conversion.directory)
        guard found != nil, let connection = try? conversion.index.connect() else { return file }
        defer { connection.close() }
        return file.merged(with: (try? AccountEpoch.of(connection)) ?? AccountEpoch())
    }

    /// Whether the log is in the index now; it may be as unreadable as the index.
    private func settleIfPossible() -> Bool {
        do throws(StoreError) {
            try conversion.index.settle(conversion.files)
            return true
        } catch {
            return false
        }
    }
}
