import ContentStore
package import MailStore

/// Brings a stopped data folder back to an older format, for the program that wrote it, with all that came since.
///
/// The ordinary way converts the index in use, step by step in reverse. Every number stays what it was, and so do the counters
/// from which new ones are taken: no client can be told an old number for a new thing, so no epoch is raised.
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
        /// What the older format, or the older snapshot, does not have, in sentences.
        package var losses: [String] = []
    }

    private let conversion: FormatConversion

    package init(_ conversion: FormatConversion) { self.conversion = conversion }

    /// Takes the folder's lock and rolls back. Blocks on a thread of its own.
    package static func run(
        directory: String, request: Request, options: StoreOptions
    ) async throws(StoreError) -> Report {
        guard IndexFile(directory: directory).exists else { throw .notFound("there is no store in \(directory)") }
        let lock = try DataFolderLock.take(directory)
        defer { lock.release() }
        let rollback = Rollback(FormatConversion(directory: directory, options: options))
        return try await blocking { () throws(StoreError) in try rollback.run(request) }
    }

    package func run(_ request: Request) throws(StoreError) -> Report {
        guard let found = try conversion.format() else {
            throw .notFound("the store in \(conversion.directory) is empty")
        }
        guard found <= conversion.current else { throw try conversion.refusal(of: found) }
        guard found > StoreFormat(0) else { throw .notAllowed("there is no format before 0") }
        let target = request.to ?? found.previous
        guard target >= StoreFormat(0) else { throw .notAllowed("there is no format \(target)") }
        guard target < found else {
            throw .notAllowed("the data folder \(conversion.directory) has format \(found) already")
        }
        if request.isDryRun {
            return Report(from: found, to: target, losses: try conversion.rehearse(from: found, to: target))
        }
        let report = try conversion.convert(from: found, to: target, reason: "rollback to \(target)")
        return Report(from: found, to: target, kept: report.snapshot, losses: report.losses)
    }
}
