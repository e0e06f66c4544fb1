import ArgumentParser
import MailServer

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for damage in the data folder.",
        discussion: """
            Reads the index and every byte of mail, compares them with their checksums and with each other, and names whom damage
            hits: account, folder, message. It works beside a running server, and on the folder when none runs.

            --repair rebuilds what is derived from other data: counters, summaries, references, rows about content that is there,
            folders that have lost their place. What is lost it names: such a message stays in its folder, and who asks for its
            text is told that it is damaged.

            Exit status 1 if damage is left. If the index cannot be opened or its pages are damaged: martlet salvage.
            """)
    @Flag(help: "Rebuild what is derived.") var repair = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let printer = TextPrinter<VerifyView> { Self.text($0) }
        try await node.perform([.verify(repair: repair)], output.json ? JSONPrinter() : printer)
    }

    private static func text(_ report: VerifyView) -> String {
        var lines = report.findings.map { finding in
            let place = finding.address.map { "\($0): " } ?? ""
            return "\(place)\(finding.object)\n    \(finding.damage)\(finding.repaired ? " (repaired)" : "")"
        }
        if report.omitted > 0 { lines.append("\(report.omitted) more findings are not listed") }
        lines += report.notes.map { "Note: \($0)" }
        let all = report.findings.count + report.omitted
        let repaired = report.findings.count(where: \.repaired)
        let verdict =
            switch (all, repaired) {
            case (0, _): "no damage"
            case (_, 0): all == 1 ? "1 finding" : "\(all) findings"
            case (_, all): "\(all) findings, all repaired"
            default: "\(all) findings, \(repaired) of them repaired"
            }
        lines.append(
            "\(report.accounts) accounts, \(report.messages) messages, \(Sizes.text(report.bytes)): \(verdict)")
        return lines.joined(separator: "\n")
    }
}
