import ArgumentParser
import MailServer

/// A command that becomes a server: some of its work must be done before the program first awaits (see `ServerProgram`).
protocol ServerCommand: AsyncParsableCommand {
    func prepare() throws -> ServerProgram
}

extension ServerCommand {
    func run() async throws { try await prepare().run() }
}
