import ArgumentParser

struct Deliver: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Deliver messages by SMTP or LMTP.")

    @OptionGroup var server: ServerOptions
    @Flag(help: "LMTP instead of SMTP (RFC 2033).") var lmtp = false
    @Option(help: "Messages in all.") var messages = 1000
    @Option(help: "Bytes of each message.") var size = 10240
    @Option(help: "Messages of one connection before the next one is made; 0: all on one.") var perConnection = 1
    @Option(help: "Recipient; % stands for a number.") var to: String
    @Option(help: "How many recipients % stands for.") var recipients = 1
    @Option(help: "Envelope sender.") var from = "ada@sender.example"
    @Option(help: "A word in each Message-ID that tells this run from others.") var label = "run"

    func run() throws {
        let texts = Messages(size: size, run: label)
        try Crew(total: messages).run(connections: server.connections) { _ in
            Delivery(command: self, texts: texts)
        }.show()
    }
}

/// A client that delivers one message after the other.
private struct Delivery: Worker {
    let command: Deliver
    let texts: Messages
    var wire: Wire?
    var sent = 0

    mutating func prepare() {}

    mutating func work(_ tally: Tally) throws(LoadError) {
        var latencies: [Float] = []
        var bytes = 0
        while let number = tally.take() {
            let text = texts.message(number)
            let began = monotonicSeconds()
            if command.perConnection > 0, sent >= command.perConnection { quit() }
            let wire = try current()
            try deliver(text, to: recipient(number), wire)
            sent += 1
            latencies.append(Float(monotonicSeconds() - began))
            bytes += text.count
        }
        tally.add(operations: latencies.count, bytes: bytes, latencies: latencies)
    }

    mutating func finish() { quit() }

    private func recipient(_ number: Int) -> String {
        command.to.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
            .joined(separator: String(number % command.recipients + 1))
    }

    private mutating func current() throws(LoadError) -> Wire {
        if let wire { return wire }
        let made = try command.server.connect()
        try Self.expect(220, "greeting", made)
        try made.write(command.lmtp ? "LHLO client.example\r\n" : "EHLO client.example\r\n")
        try Self.expect(250, "EHLO", made)
        wire = made
        sent = 0
        return made
    }

    private mutating func quit() {
        guard let wire else { return }
        self.wire = nil
        try? wire.write("QUIT\r\n")
        _ = try? wire.lineText()
    }

    private func deliver(_ text: [UInt8], to recipient: String, _ wire: Wire) throws(LoadError) {
        try wire.write("MAIL FROM:<\(command.from)>\r\n")
        try Self.expect(250, "MAIL", wire)
        try wire.write("RCPT TO:<\(recipient)>\r\n")
        try Self.expect(250, "RCPT", wire)
        try wire.write("DATA\r\n")
        try Self.expect(354, "DATA", wire)
        try wire.write(text + [46, 13, 10])
        // LMTP answers for each recipient; there is one.
        try Self.expect(250, "message", wire)
    }

    /// Reads a reply of any number of lines.
    private static func expect(_ code: Int, _ asked: String, _ wire: Wire) throws(LoadError) {
        while true {
            let line = try wire.lineText()
            guard line.hasPrefix("\(code)") else { throw .unexpected(asked, line) }
            if !line.hasPrefix("\(code)-") { return }
        }
    }
}
