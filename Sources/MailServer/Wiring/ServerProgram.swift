import Foundation
import Logging

/// Runs a server in this process until a signal ends it.
package enum ServerProgram {
    /// `martlet serve`.
    package static func serve(directory: String, configuration: ServerConfiguration) async throws {
        ServerLogging.bootstrap(configuration.log)
        let metrics = ServerMetrics.start()
        let signals = ProcessSignals()
        let node = try await MailNode.open(directory: directory, configuration: configuration, role: .server)
        let server: Server
        do {
            let certificates = try CertificateSetup.fromFiles(configuration)
            server = try await Server.start(node, certificates: certificates, metrics: metrics)
        } catch {
            await node.close()
            throw error
        }
        await run(server, signals)
    }

    /// `martlet demo`. `report` is called once, when all listeners are up.
    package static func demo(_ options: DemoOptions, report: @escaping @Sendable (DemoReport) -> Void) async throws {
        let demo = try DemoFolder(options)
        let configuration = try demo.configuration()
        ServerLogging.bootstrap(configuration.log)
        let metrics = ServerMetrics.start()
        let signals = ProcessSignals()
        let node = try await MailNode.open(directory: demo.directory, configuration: configuration, role: .server)
        let server: Server
        do {
            let accounts = try await DemoAccounts(node: node, folder: demo).prepare()
            let (certificates, authority) = try CertificateSetup.demonstration(configuration, directory: node.directory)
            server = try await Server.start(node, certificates: certificates, metrics: metrics)
            report(
                DemoReport(
                    endpoints: server.endpoints, accounts: accounts, ca: authority, directory: node.directory,
                    address: options.address))
        } catch {
            await node.close()
            demo.removeIfTemporary()
            throw error
        }
        await run(server, signals)
        demo.removeIfTemporary()
    }

    /// Until SIGTERM or SIGINT; a second one ends the process at once.
    private static func run(_ server: Server, _ signals: ProcessSignals) async {
        let logger = Logger(label: "server")
        var iterator = signals.stream.makeAsyncIterator()
        while let number = await iterator.next() {
            guard number == SIGHUP else { break }
            do {
                try Server.reload(server.certificates)
                logger.notice("certificates read anew")
            } catch {
                logger.error("the certificate cannot be read anew; the old one stays", metadata: ["cause": "\(error)"])
            }
        }
        let impatience = Task {
            while let number = await iterator.next() {
                if number != SIGHUP { exit(1) }
            }
        }
        await server.stop()
        impatience.cancel()
        signals.cancel()
    }
}
