import ArgumentParser
import MailServer

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server until it is told to stop.",
        discussion: """
            Listens as the configuration says (docs/configuration.md), on the standard ports if it says nothing. Logs to
            standard error. SIGTERM or SIGINT stops it gracefully: sessions are told, and have shutdown.grace to finish; a
            second signal ends it at once. SIGHUP reads the certificate files anew.
            """)
    @OptionGroup var node: NodeOptions

    func run() async throws {
        try await ServerProgram.serve(directory: node.folder, configuration: node.configuration())
    }
}
