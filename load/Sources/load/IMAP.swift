import ArgumentParser

struct IMAP: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send IMAP commands, again and again.",
        discussion: """
            Each operation is one COMMAND; they are taken in turn. In a command {n} is the operation's number from 1 and {r:A:B} a
            random number from A to B, the same ones in every run.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var account: AccountOptions
    @Option(help: "Sent before the clock starts; repeatable.") var setup: [String] = []
    @Option(help: "Operations in all.") var operations = 1
    @Option(help: "Commands sent in one write before their answers are read.") var pipeline = 1
    @Argument(help: "The commands, without tags.") var commands: [String]

    func run() throws {
        try Crew(total: operations).run(connections: server.connections) { number in
            Commander(command: self, number: number)
        }.show()
    }
}

private struct Commander: Worker {
    let command: IMAP
    let number: Int
    var client: IMAPClient?
    var generator: Generator

    init(command: IMAP, number: Int) {
        self.command = command
        self.number = number
        generator = Generator(state: UInt64(number))
    }

    mutating func prepare() throws(LoadError) {
        client = try IMAPClient(command.server)
        try client?.login(command.account.name(number), command.account.password)
        for text in command.setup { try client?.run(text) }
    }

    mutating func work(_ tally: Tally) throws(LoadError) {
        var latencies: [Float] = []
        let before = client?.wire.received ?? 0
        while true {
            let numbers = tally.take(max(command.pipeline, 1))
            if numbers.isEmpty { break }
            var texts: [String] = []
            for number in numbers { texts.append(text(number)) }
            let began = monotonicSeconds()
            try client?.run(pipelined: texts)
            let latency = Float(monotonicSeconds() - began)
            for _ in numbers { latencies.append(latency) }
        }
        tally.add(
            operations: latencies.count, bytes: (client?.wire.received ?? 0) - before, latencies: latencies)
    }

    mutating func finish() { client?.logout() }

    private mutating func text(_ number: Int) -> String {
        let pattern = command.commands[number % command.commands.count]
        guard pattern.contains("{") else { return pattern }
        var result = ""
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let words = rest[rest.index(after: open)..<close].split(separator: ":")
            if words.count == 3, let from = UInt64(words[1]), let to = UInt64(words[2]), from <= to {
                result += String(UInt64.random(in: from...to, using: &generator))
            } else {
                result += String(number + 1)
            }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
