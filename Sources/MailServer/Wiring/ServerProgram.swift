import Foundation
import Logging
import MailStore

/// Runs a server in this process until a signal ends it.
///
/// The start has two parts. The first is for what may need root: certificates and keys are read, ports bound, then root is
/// given up. It must come before there are other threads, also before the program first awaits: each thread has rights of
/// its own, and the first thread of a Swift program, which goes to sleep then, would keep root's where any other could take
/// them. The second opens the data folder, and the doors last of all; then the service manager is told.
package struct ServerProgram: Sendable {
    private let body: @Sendable () async throws -> Void

    /// The second part. Returns when a signal has ended the server.
    package func run() async throws { try await body() }

    /// The first part of `martlet serve`.
    package static func service(directory: String, configuration: ServerConfiguration) throws -> ServerProgram {
        HeapPolicy.apply()
        ServerLogging.bootstrap(configuration.log)
        let privileges = try Privileges(configuration, directory: directory, purpose: .service)
        let certificates = try CertificateSetup.fromFiles(configuration)
        let sockets = try BoundSockets(configuration, hasCertificate: certificates != nil)
        try privileges.giveUp()
        certificates?.warnIfUnreadable()
        return ServerProgram {
            let metrics = ServerMetrics.start()
            let signals = ProcessSignals()
            let node = try await MailNode.open(directory: directory, configuration: configuration, role: .server)
            let server: Server
            do {
                server = try await Server.start(node, certificates: certificates, metrics: metrics, sockets: sockets)
            } catch {
                await node.close()
                throw explained(error, directory)
            }
            await run(server, signals)
        }
    }

    /// The first part of `martlet demo`. `report` is called once, when all listeners are up.
    package static func demonstration(
        _ options: DemoOptions, report: @escaping @Sendable (DemoReport) -> Void
    ) throws -> ServerProgram {
        HeapPolicy.apply()
        let demo = try DemoFolder(options)
        let configuration = try demo.configuration()
        ServerLogging.bootstrap(configuration.log)
        let privileges = try Privileges(configuration, directory: demo.directory, purpose: .demonstration)
        let given = try CertificateSetup.fromFiles(configuration)
        let sockets = try BoundSockets(configuration, hasCertificate: true)
        try privileges.giveUp()
        return ServerProgram {
            let metrics = ServerMetrics.start()
            let signals = ProcessSignals()
            let node = try await MailNode.open(directory: demo.directory, configuration: configuration, role: .server)
            let server: Server
            do {
                let accounts = try await DemoAccounts(node: node, folder: demo).prepare()
                let (certificates, trust): (CertificateKeeper, String)
                if let given, let path = configuration.tls.certificate {
                    (certificates, trust) = (given, path)
                } else {
                    (certificates, trust) = try CertificateSetup.demonstration(configuration, directory: node.directory)
                }
                server = try await Server.start(node, certificates: certificates, metrics: metrics, sockets: sockets)
                report(
                    DemoReport(
                        endpoints: server.endpoints, accounts: accounts, ca: trust, directory: node.directory,
                        address: options.address))
            } catch {
                await node.close()
                demo.removeIfTemporary()
                throw explained(error, demo.directory)
            }
            await run(server, signals)
            demo.removeIfTemporary()
        }
    }

    /// What the store refuses once it is open, said as when it is opened.
    private static func explained(_ error: any Error, _ directory: String) -> any Error {
        guard let error = error as? StoreError else { return error }
        return DataFolder.failure(error, directory, .server)
    }

    /// Until SIGTERM or SIGINT; a second one ends the process at once.
    private static func run(_ server: Server, _ signals: ProcessSignals) async {
        let logger = Logger(label: "server")
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        manager.ready()
        var iterator = signals.stream.makeAsyncIterator()
        while let number = await iterator.next() {
            guard number == SIGHUP else { break }
            manager.reloading()
            do {
                try Server.reload(server.certificates)
                logger.notice("certificates read anew")
            } catch {
                logger.error("the certificate cannot be read anew; the old one stays", metadata: ["cause": "\(error)"])
            }
            manager.ready()
        }
        manager.stopping()
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
