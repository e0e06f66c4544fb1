import ArgumentParser
import MailServer

struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the data folder back to an older format, with the mail accepted since.",
        discussion: """
            For going back to an older program: stop the server, run this with the newer program, start the older one. Mail,
            flags, folders, accounts and passwords stay as they are; what the older format cannot express is listed. Where the
            index cannot be read, or with --from-snapshot, the snapshot from before the upgrade is restored, and mail accepted
            since is brought in as it was delivered. The index of before is kept in snapshots/.
            """)
    @Option(help: ArgumentHelp("The format to go back to; the one before if not given.", valueName: "N")) var to: Int64?
    @Flag(help: "Restore the snapshot even if the index can be read.") var fromSnapshot = false
    @Flag(help: "Only say what would be done.") var dryRun = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let report = try await FolderRollback.run(
            directory: node.folder, to: to, fromSnapshot: fromSnapshot, isDryRun: dryRun)
        Output.write(output.json ? report.json : text(report))
    }

    private func text(_ report: RollbackView) -> String {
        let place = "the data folder \(report.directory)"
        var lines = [
            report.isDryRun ? "\(place) can go back to format \(report.to)" : "\(place) is back at format \(report.to)"
        ]
        if let restored = report.restored {
            lines.append("the index is that of \(restored), with \(report.messages ?? 0) messages accepted since")
        }
        lines += report.losses.isEmpty ? ["nothing is lost by it"] : ["lost by it:"] + report.losses.map { "  " + $0 }
        if let kept = report.kept {
            lines.append("the index of before is kept in \(kept)")
            lines.append("start the older program now: this one would upgrade the folder again")
        }
        return lines.joined(separator: "\n")
    }
}
