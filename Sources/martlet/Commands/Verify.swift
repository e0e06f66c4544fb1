import ArgumentParser
import MailServer

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for damage in the data folder.",
        discussion: """
            Reads all content and compares it with its checksums and the index. Exit status 1 if damage is found that is not
            repaired. --repair rebuilds what is derived from other data: counters, summaries, indexes.
            """)
    @Flag(help: "Rebuild what is derived.") var repair = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let printer = TextPrinter<VerifyView> { report in
            var lines = report.findings.map { finding in
                let place = finding.account.map { "account \($0), " } ?? ""
                return "\(place)\(finding.object): \(finding.damage)\(finding.repaired ? " (repaired)" : "")"
            }
            let verdict = report.findings.isEmpty ? "no damage" : "\(report.findings.count) findings"
            lines.append(
                "\(report.accounts) accounts, \(report.messages) messages, \(Sizes.text(report.bytes)): \(verdict)")
            return lines.joined(separator: "\n")
        }
        try await node.perform([.verify(repair: repair)], output.json ? JSONPrinter() : printer)
    }
}
