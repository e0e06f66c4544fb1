import ArgumentParser
import Glibc

struct Idle: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Log in many times and stay.",
        discussion: """
            Prints {"ready":N} when all have logged in, and ends when standard input does. The connections are made by a few
            threads and then left alone; what the server sends is not read.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var account: AccountOptions
    @Option(help: "Sent on each connection after the login; repeatable.") var setup: [String] = []
    @Option(help: "Connections that end with IDLE.") var idling = 0
    @Option(help: "Threads that make the connections.") var threads = 8

    func run() throws {
        let wires = Gate<[Held]>([])
        let (threads, total, idling) = (max(threads, 1), server.connections, idling)
        let report = try Crew(total: total).run(connections: threads) { _ in
            Holder(command: self, idling: idling) { held in wires.change { $0.append(held) } }
        }
        print("{\"ready\":\(wires.value.count),\"seconds\":\(Int(report.seconds.rounded()))}")
        fflush(nil)
        while getchar() != EOF {}
    }
}

/// `@unchecked Sendable`: handed over by the thread that made it and never used again, only kept open.
private final class Held: @unchecked Sendable {
    let client: IMAPClient
    init(_ client: IMAPClient) { self.client = client }
}

private struct Holder: Worker {
    let command: Idle
    let idling: Int
    let keep: @Sendable (Held) -> Void

    init(command: Idle, idling: Int, keep: @escaping @Sendable (Held) -> Void) {
        self.command = command
        self.idling = idling
        self.keep = keep
    }

    mutating func prepare() {}

    mutating func work(_ tally: Tally) throws(LoadError) {
        var made = 0
        while let number = tally.take() {
            var client = try IMAPClient(command.server)
            try client.login(command.account.name(number), command.account.password)
            for text in command.setup { try client.run(text) }
            if number < idling { _ = try client.send("IDLE") }
            keep(Held(client))
            made += 1
        }
        tally.add(operations: made, bytes: 0, latencies: [])
    }

    mutating func finish() {}
}
