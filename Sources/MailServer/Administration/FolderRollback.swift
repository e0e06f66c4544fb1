import Foundation
import MailStore
import SQLiteEngine

/// `martlet rollback`: on a folder that no server has open.
package enum FolderRollback {
    /// - Parameters:
    ///   - format: where to; the one before if nil.
    ///   - fromSnapshot: restore the snapshot though the index can be read.
    package static func run(
        directory: String, to format: Int64?, fromSnapshot: Bool, isDryRun: Bool
    ) async throws -> RollbackView {
        let path = URL(filePath: directory).standardizedFileURL.path
        guard FileManager.default.fileExists(atPath: path) else {
            throw AdministrationFailure(
                error: "noDirectory", message: "there is no data folder \(path)", remedy: "name it with --directory")
        }
        var request = Rollback.Request()
        request.to = format.map { StoreFormat($0) }
        request.fromSnapshot = fromSnapshot
        request.isDryRun = isDryRun
        do throws(StoreError) {
            let report = try await Rollback.run(
                directory: path, request: request, options: DataFolder.options(.administration))
            return RollbackView(report, directory: path)
        } catch .notFound(let what) {
            throw AdministrationFailure(error: "noDirectory", message: what, remedy: "name it with --directory")
        } catch .notAllowed(let what) {
            throw AdministrationFailure(
                error: "notAllowed", message: what, remedy: "`martlet rollback --help` says what can be done")
        } catch .locked(let what) {
            throw AdministrationFailure(
                error: "locked", message: what, remedy: "stop that process first", isTransient: true)
        } catch {
            throw DataFolder.failure(error, path, .administration)
        }
    }
}

package struct RollbackView: Codable, Sendable {
    package let directory: String
    /// Absent where the index could not be read.
    package let from: Int64?
    package let to: Int64
    /// Where the index of before is kept; absent in a dry run.
    package let kept: String?
    /// The snapshot that was restored; absent where the index itself was converted.
    package let restored: String?
    /// Messages accepted since, brought into the snapshot's index.
    package let messages: Int?
    package let losses: [String]
    package let isDryRun: Bool

    package var json: String { AdministrationView.json(self) }

    init(_ report: Rollback.Report, directory: String) {
        self.directory = directory
        from = report.from?.number
        to = report.to.number
        kept = report.kept
        restored = report.restored
        messages = report.restored == nil ? nil : report.messages
        losses = report.losses
        isDryRun = report.kept == nil
    }
}
