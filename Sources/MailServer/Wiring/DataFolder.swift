import Accounts
import Foundation
import MailStore
import SQLiteEngine

/// Opens the store in a data folder, and says in one sentence why that is not possible.
enum DataFolder {
    static func open(
        _ path: String, _ configuration: ServerConfiguration, role: MailNode.Role
    ) async throws -> any Shard {
        do {
            let missing = sequence(
                first: path, next: { $0 == "/" ? nil : URL(filePath: $0).deletingLastPathComponent().path }
            )
            .prefix { !FileManager.default.fileExists(atPath: $0) }
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // The store syncs what is in the folder; that there is a folder is up to whoever made it.
            for made in missing { SmallFile.syncFolder(of: made) }
        } catch {
            throw AdministrationFailure(
                error: "unwritable", message: "the data folder \(path) cannot be created: \(reason(error))",
                remedy: "create it yourself and make it writable for this user, or name another with --directory")
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            throw AdministrationFailure(
                error: "unwritable", message: "the data folder \(path) may not be written by this user",
                remedy: "run as its owner, or name another folder with --directory")
        }
        var options = options(role)
        options.segmentLimit = Int(configuration.store.segmentSize)
        options.recoverableDays = configuration.store.recoverableDays
        options.verifyTellsOpening = role == .administration
        options.minimumFreeSpace = configuration.store.minimumFreeSpace
        do throws(StoreError) {
            return try await SQLiteShard.open(directory: path, options: options)
        } catch {
            throw failure(error, path, role)
        }
    }

    /// What opening and converting have in common.
    static func options(_ role: MailNode.Role) -> StoreOptions {
        var options = StoreOptions(now: SystemClock.now)
        options.program = "martlet \(ProgramVersion.text)"
        options.progress = ConversionNotice(role).receive
        return options
    }

    static func failure(_ error: StoreError, _ path: String, _ role: MailNode.Role) -> AdministrationFailure {
        switch error {
        case .locked(let what):
            AdministrationFailure(
                error: "locked", message: what,
                remedy: "stop that process, or name another folder with --directory",
                isTransient: role == .administration)
        case .diskFull(let what):
            AdministrationFailure(
                error: "diskFull", message: "the data folder \(path) cannot be opened, as its disk is full: \(what)",
                remedy: "make room on that disk, then start again", isTransient: true)
        case .unavailable(let what):
            AdministrationFailure(
                error: "unavailable", message: "the data folder \(path) cannot be opened: \(what)",
                remedy: "check its permissions and the space on its disk", isTransient: true)
        case .damaged(let what):
            AdministrationFailure(
                error: "damaged", message: "the data folder \(path) is damaged: \(what)",
                remedy:
                    "run `martlet salvage`, which builds a new index from the mail files and keeps the old one, or restore "
                    + "the folder from a backup")
        case .notAllowed(let what):
            AdministrationFailure(
                error: "format", message: what,
                remedy: "use the program that wrote it or a newer one, or have that one's `martlet rollback` lead back")
        default:
            AdministrationFailure(error: "store", message: "the data folder \(path) cannot be opened: \(error)")
        }
    }

    private static func reason(_ error: any Error) -> String {
        let error = error as NSError
        if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError, cause.domain == NSPOSIXErrorDomain {
            return String(cString: strerror(Int32(cause.code)))
        }
        return error.localizedDescription
    }
}
