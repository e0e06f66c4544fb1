import ArgumentParser

struct Login: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Connect, log in by IMAP, log out; with --tls each time with a full handshake.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var account: AccountOptions
    @Option(help: "Logins in all.") var logins = 100

    func run() throws {
        try Crew(total: logins).run(connections: server.connections) { _ in LoginWorker(command: self) }.show()
    }
}

private struct LoginWorker: Worker {
    let command: Login

    mutating func prepare() {}

    mutating func work(_ tally: Tally) throws(LoadError) {
        var latencies: [Float] = []
        while let number = tally.take() {
            let began = monotonicSeconds()
            var client = try IMAPClient(command.server)
            try client.login(command.account.name(number), command.account.password)
            latencies.append(Float(monotonicSeconds() - began))
            client.logout()
        }
        tally.add(operations: latencies.count, bytes: 0, latencies: latencies)
    }

    mutating func finish() {}
}
