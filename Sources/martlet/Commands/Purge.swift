import ArgumentParser
import MailServer

struct Purge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reclaim the space of mail that can no longer be brought back.",
        discussion: """
            A server does this by itself every hour. Mail counts as gone for good when it was deleted store.recoverableDays ago;
            `--set store.recoverableDays=0` has an effect only where no server runs.
            """)
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let printer = TextPrinter<PurgeView> { "\($0.items) messages gone for good, \(Sizes.text($0.bytes))" }
        try await node.perform([.purge], output.json ? JSONPrinter() : printer)
    }
}
