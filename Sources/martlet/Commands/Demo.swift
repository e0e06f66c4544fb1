import ArgumentParser
import Foundation
import MailServer

struct Demo: ServerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try it: every protocol on loopback, with accounts and passwords ready to use.",
        discussion: """
            Needs no root, no network and no configuration. Accounts begin with alice and bob @example.test; their passwords are
            printed. A certificate authority is made in the data folder. Mail for other domains is kept in the queue, not sent;
            `martlet queue list` shows it. A folder given again is reopened with its accounts, passwords, authority and mail;
            without --directory a temporary one is used and removed at the end.
            """)

    @Option(help: ArgumentHelp("The data folder.", valueName: "DIR")) var directory: String?
    @Option(help: ArgumentHelp("The address to listen on.", valueName: "ADDR")) var bind = "127.0.0.1"
    @Option(help: ArgumentHelp("Ports are the standard ones plus this.", valueName: "N")) var portOffset = 10_000
    @Option(help: ArgumentHelp("Add accounts user1@example.test to userN@example.test.", valueName: "N")) var accounts =
        0
    @Option(help: ArgumentHelp("The password of new accounts; random if not given.", valueName: "P")) var password:
        String?
    @Flag(help: "Allow passwords without TLS.") var plaintextAuth = false
    @Option(help: ArgumentHelp("The DNS server to ask; without one, no DNS is asked.", valueName: "IP:PORT"))
    var resolver: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Override a configuration key; repeatable.", valueName: "KEY=VALUE"))
    var overrides: [String] = []
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...65_535 - 995).contains(portOffset) else {
            throw ValidationError("--port-offset must be from 0 to 64540.")
        }
        guard (0...100_000).contains(accounts) else { throw ValidationError("--accounts must be from 0 to 100000.") }
    }

    func prepare() throws -> ServerProgram {
        let options = DemoOptions(
            directory: directory, address: bind, portOffset: portOffset, accounts: accounts, password: password,
            plaintextAuthentication: plaintextAuth, resolver: resolver, overrides: overrides)
        let json = output.json
        return try ServerProgram.demonstration(options) { report in Output.write(json ? report.json : report.text) }
    }
}
