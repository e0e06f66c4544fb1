import Accounts
import Foundation
import MailModel
import MailStore
import SQLiteEngine

/// Rebuilds the index of a data folder that no server has open.
package enum FolderSalvage {
    /// - Parameters:
    ///   - onlyMissing: the index stays, and gets what it does not know.
    ///   - progress: gets bytes of content files, or messages where only missing ones are looked for.
    package static func run(
        directory: String, configuration: ServerConfiguration, onlyMissing: Bool, isRehearsal: Bool,
        progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void
    ) async throws -> SalvageView {
        let path = URL(filePath: directory).standardizedFileURL.path
        guard FileManager.default.fileExists(atPath: path) else {
            throw AdministrationFailure(
                error: "noDirectory", message: "there is no data folder \(path)", remedy: "name it with --directory")
        }
        try Privileges.workAsOwner(of: path, configuration)
        var options = StoreOptions(now: SystemClock.now)
        options.program = "martlet \(ProgramVersion.text)"
        options.segmentLimit = Int(configuration.store.segmentSize)
        options.recoverableDays = configuration.store.recoverableDays
        do throws(StoreError) {
            if onlyMissing {
                let report = try await SQLiteShard.salvageMissing(
                    directory: path, options: options, isRehearsal: isRehearsal, progress: progress)
                return SalvageView(report, directory: path, isRehearsal: isRehearsal)
            }
            let report = try await SQLiteShard.salvage(
                directory: path, options: options, isRehearsal: isRehearsal, progress: progress)
            return SalvageView(report, directory: path, isRehearsal: isRehearsal)
        } catch {
            throw failure(error, path)
        }
    }

    private static func failure(_ error: StoreError, _ path: String) -> AdministrationFailure {
        switch error {
        case .locked(let what):
            AdministrationFailure(
                error: "locked", message: what,
                remedy: "stop the server first; salvage works on a folder that is not in use",
                isTransient: true)
        case .notFound(let what):
            AdministrationFailure(
                error: "notFound", message: "there is no \(what)", remedy: "name the data folder with --directory")
        case .damaged(let what):
            AdministrationFailure(
                error: "damaged", message: "nothing has been changed: \(what)",
                remedy: "restore the folder from a backup")
        default:
            AdministrationFailure(
                error: "unavailable", message: "nothing has been changed: \(error)",
                remedy: "check the space on the disk, which needs room for a second index, and try again",
                isTransient: true)
        }
    }
}

/// What `salvage` answers with.
package struct SalvageView: Codable, Sendable {
    package struct Account: Codable, Sendable {
        package let address: String
        package let messages: Int
        package let bytes: Int64
        /// False: the account has no password any more.
        package let password: Bool
    }
    package let dryRun: Bool
    package let directory: String
    package let accounts: [Account]
    package let messages: Int
    package let bytes: Int64
    /// Recipients in the queue, held.
    package let queued: Int
    package let domainsMade: [String]
    /// From the old index, in words.
    package let taken: [String]
    /// What could not be read, in words; the first thousand.
    package let damage: [String]
    package let damageCount: Int
    /// Messages of accounts that had been removed: not brought back.
    package let ofRemovedAccounts: Int
    /// Where the old index and damaged content files are now.
    package let kept: [String]
    package let notes: [String]
    package let epoch: Int64
    package let onlyMissing: Bool

    package var json: String { AdministrationView.json(self) }

    init(_ report: SalvageReport, directory: String, isRehearsal: Bool) {
        dryRun = isRehearsal
        self.directory = directory
        accounts = report.accounts.values.sorted { $0.address < $1.address }.map {
            Account(address: $0.address, messages: $0.messages, bytes: $0.bytes, password: $0.hasPassword)
        }
        messages = report.messages
        bytes = report.bytes
        queued = report.queued
        domainsMade = report.domainsMade
        taken = report.taken
        damage = report.damage
        damageCount = report.damageCount
        ofRemovedAccounts = report.ofRemovedAccounts
        kept = (report.oldIndex.map { [$0] } ?? []) + report.keptFiles
        notes = report.notes
        epoch = report.epoch.number
        onlyMissing = false
    }

    init(_ report: CatchUp.Report, directory: String, isRehearsal: Bool) {
        dryRun = isRehearsal
        self.directory = directory
        accounts = report.accounts.map { Account(address: $0, messages: 0, bytes: 0, password: false) }
        messages = report.messages
        bytes = 0
        queued = report.queued
        domainsMade = []
        taken = []
        damage = Array(report.damage.prefix(SalvageReport.maximumDamage))
        damageCount = report.damage.count
        ofRemovedAccounts = 0
        kept = []
        notes = []
        epoch = report.epoch.number
        onlyMissing = true
    }
}
