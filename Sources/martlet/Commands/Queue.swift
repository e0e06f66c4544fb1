import ArgumentParser
import MailQueue
import MailServer

struct Queue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mail that waits for other hosts.", subcommands: [QueueList.self])
}

struct QueueList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List what waits, oldest first: a line for each message and recipient.")
    @Option(help: ArgumentHelp("Only from this sender.", valueName: "ADDRESS")) var from: String?
    @Option(help: ArgumentHelp("Only to this recipient.", valueName: "ADDRESS")) var to: String?
    @Option(help: ArgumentHelp("Only to this domain.", valueName: "DOMAIN")) var domain: String?
    @Option(
        name: .customLong("message-id"), help: ArgumentHelp("Only the message with this Message-ID.", valueName: "ID"))
    var messageID: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let table = TablePrinter<QueueListing>(
            ["ID", "STATE", "FROM", "TO", "SIZE", "TRIES", "NEXT", "LAST REPLY"], empty: "The queue is empty."
        ) {
            [
                $0.id, $0.state, $0.sender.isEmpty ? "<>" : $0.sender, $0.recipient, Sizes.text($0.size),
                String($0.attempts),
                $0.next, $0.lastReply ?? "-",
            ]
        }
        let selection = AdministrationRequest.QueueSelection(
            sender: from, recipient: to, domain: domain, messageID: messageID)
        try await node.perform([.queueList(selection)], output.json ? JSONPrinter() : table)
    }
}
