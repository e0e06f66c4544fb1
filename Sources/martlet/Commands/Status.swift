import ArgumentParser
import Foundation
import MailServer

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Whether a server runs on the data folder, and what it does.")
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let printer = TextPrinter<StatusView> { status in
            guard status.running else {
                return
                    "No server runs on \(status.directory): \(status.domains) domains, \(status.queue) messages queued."
            }
            var lines = [
                "Martlet \(status.version) runs on \(status.directory) (pid \(status.pid ?? 0)) since \(status.started ?? "?")."
            ]
            for (name, port) in status.endpoints.sorted(by: { $0.value < $1.value }) {
                lines.append("  \(name.padding(toLength: 12, withPad: " ", startingAt: 0)) port \(port)")
            }
            lines.append(
                "  \(status.connections) connections, \(status.sessions) logged in, \(status.queue) messages queued")
            return lines.joined(separator: "\n")
        }
        try await node.perform([.status], output.json ? JSONPrinter() : printer)
    }
}

struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read the certificate files anew.", discussion: "The same as sending SIGHUP to the server.")
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws { try await node.perform([.reloadCertificates], JSONPrinter()) }
}
