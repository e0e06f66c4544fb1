import ArgumentParser

@main
struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts a mail server under load and says how it did.",
        discussion: """
            Drives any SMTP, LMTP, IMAP or POP3 server at HOST:PORT with a thread for each connection, and prints one JSON object:
            operations and bytes done, seconds, operations per second, latencies in milliseconds, and the load's own CPU time,
            which shares the machine with the server.
            """,
        subcommands: [Deliver.self, Append.self, IMAP.self, Retrieve.self, Login.self, Idle.self])
}
