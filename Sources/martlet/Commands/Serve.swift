import ArgumentParser
import MailServer

struct Serve: ServerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server until it is told to stop.",
        discussion: """
            Listens as the configuration says (docs/configuration.md), on the standard ports if it says nothing. Logs to
            standard error. Started by root, it binds ports, reads keys, then becomes another user for good: the one of
            server.user, else the owner of the data folder, else martlet. SIGTERM or SIGINT stops it gracefully: sessions are told, and have shutdown.grace to finish; a
            second signal ends it at once. SIGHUP reads the certificate files anew.
            """)
    @OptionGroup var node: NodeOptions

    func prepare() throws -> ServerProgram {
        try ServerProgram.service(directory: node.folder, configuration: node.configuration())
    }
}
