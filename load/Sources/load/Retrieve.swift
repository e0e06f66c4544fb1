import ArgumentParser

struct Retrieve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Read messages by POP3 with RETR.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var account: AccountOptions
    @Option(help: "Messages in all; they are taken from 1 on, over again where a maildrop has fewer.") var messages =
        1000
    @Option(help: "Commands sent in one write before their answers are read.") var pipeline = 1

    func run() throws {
        try Crew(total: messages).run(connections: server.connections) { number in
            Retriever(command: self, number: number)
        }.show()
    }
}

private struct Retriever: Worker {
    let command: Retrieve
    let number: Int
    var wire: Wire?
    var count = 0

    init(command: Retrieve, number: Int) {
        self.command = command
        self.number = number
    }

    mutating func prepare() throws(LoadError) {
        let wire = try command.server.connect()
        self.wire = wire
        _ = try Self.answer("greeting", wire)
        try wire.write("USER \(command.account.name(number))\r\n")
        _ = try Self.answer("USER", wire)
        try wire.write("PASS \(command.account.password)\r\n")
        _ = try Self.answer("PASS", wire)
        try wire.write("STAT\r\n")
        let words = try Self.answer("STAT", wire).split(separator: " ")
        count = words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    mutating func work(_ tally: Tally) throws(LoadError) {
        guard let wire, count > 0 else { throw .unexpected("STAT", "no messages") }
        var latencies: [Float] = []
        var bytes = 0
        while true {
            let numbers = tally.take(max(command.pipeline, 1))
            if numbers.isEmpty { break }
            let began = monotonicSeconds()
            try wire.write(numbers.map { "RETR \($0 % count + 1)\r\n" }.joined())
            for _ in numbers {
                _ = try Self.answer("RETR", wire)
                bytes += try wire.skipDotted()
            }
            let latency = Float(monotonicSeconds() - began)
            for _ in numbers { latencies.append(latency) }
        }
        tally.add(operations: latencies.count, bytes: bytes, latencies: latencies)
    }

    mutating func finish() {
        guard let wire else { return }
        try? wire.write("QUIT\r\n")
        _ = try? wire.lineText()
    }

    private static func answer(_ asked: String, _ wire: Wire) throws(LoadError) -> String {
        let line = try wire.lineText()
        guard line.hasPrefix("+OK") else { throw .unexpected(asked, line) }
        return line
    }
}
