import ArgumentParser

struct Append: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Store messages with IMAP APPEND.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var account: AccountOptions
    @Option(help: "Messages in all.") var messages = 1000
    @Option(help: "Bytes of each message.") var size = 10240
    @Option(help: "The mailbox.") var mailbox = "INBOX"
    @Option(help: "A word in each Message-ID that tells this run from others.") var label = "run"

    func run() throws {
        let texts = Messages(size: size, run: label)
        try Crew(total: messages).run(connections: server.connections) { number in
            Appender(command: self, texts: texts, number: number)
        }.show()
    }
}

private struct Appender: Worker {
    let command: Append
    let texts: Messages
    let number: Int
    var client: IMAPClient?

    init(command: Append, texts: Messages, number: Int) {
        self.command = command
        self.texts = texts
        self.number = number
    }

    mutating func prepare() throws(LoadError) {
        client = try IMAPClient(command.server)
        try client?.login(command.account.name(number), command.account.password)
    }

    mutating func work(_ tally: Tally) throws(LoadError) {
        var latencies: [Float] = []
        var bytes = 0
        while let number = tally.take() {
            let text = texts.message(number)
            let began = monotonicSeconds()
            try client?.run("APPEND \(command.mailbox)", literal: text)
            latencies.append(Float(monotonicSeconds() - began))
            bytes += text.count
        }
        tally.add(operations: latencies.count, bytes: bytes, latencies: latencies)
    }

    mutating func finish() { client?.logout() }
}
