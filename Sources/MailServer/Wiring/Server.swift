import Accounts
import Foundation
package import HTTPEndpoint
import IMAPEndpoint
import Logging
import MailModel
import MailStore
import NIOCore
import NIOPosix
import POP3Endpoint
import SMTPEndpoint
import SessionIO

/// A node with its listeners.
///
/// Start order: sockets are bound and certificates read, then the data folder is opened (its lock makes sure there is one
/// server), then the doors. Stop order: doors, sessions (told, then given `shutdown.grace`), then the store, which finishes
/// what was begun.
package final class Server: Sendable {
    let node: MailNode
    /// Nil: there is no certificate, and no TLS.
    let certificates: CertificateKeeper?
    /// Service name → bound port.
    package let endpoints: [String: Int]
    private let sessions: SessionServer
    private let http: [HTTPListener]
    private let maintenance: [Task<Void, Never>]
    private let started: Date
    private let logger: Logger

    /// Binds sockets of its own, as tests do.
    package static func start(
        _ node: MailNode, certificates: CertificateKeeper?, metrics: PrometheusRegistry
    ) async throws -> Server {
        let sockets = try BoundSockets(node.configuration, hasCertificate: certificates != nil)
        return try await start(node, certificates: certificates, metrics: metrics, sockets: sockets)
    }

    static func start(
        _ node: MailNode, certificates: CertificateKeeper?, metrics: PrometheusRegistry, sockets: BoundSockets
    ) async throws -> Server {
        let logger = Logger(label: "server")
        let sessions = SessionServer(
            group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "session"),
            policy: SessionServices.policy(node.configuration))
        let connections = DescriptorLimit.connections(wanted: node.configuration.limits.connections, logger: logger)
        let services = SessionServices(node: node, tls: certificates?.identities, connections: connections)
        ServerMetrics.add(node, sessions, to: metrics)
        let started = Date()
        let endpoints = Dictionary(
            sockets.doors.map { ($0.listener.service.rawValue, $0.port) }, uniquingKeysWith: { _, last in last })
        let administration = AdministrationService(
            shard: node.shard, accounts: node.administrationOfAccounts, queue: node.queue,
            status: {
                await node.status(
                    StatusView.Running(
                        started: started, endpoints: endpoints, connections: sessions.connectionCount,
                        sessions: node.sessions.count()))
            },
            reload: { try Self.reload(certificates) }, inspectFiles: { node.certificateFindings() })
        let pages = HTTPDoor(
            node: node, certificates: certificates, registry: metrics, sessions: sessions, limits: services.limits)
        var http: [HTTPListener] = []
        do {
            try await listenForAdministration(administration, node: node, on: sessions)
            for door in sockets.doors {
                do {
                    if let service = services.service(for: door.listener.service) {
                        try await sessions.listen(on: door.socket, service)
                    } else {
                        let listener = pages.listener(for: door.listener)
                        try await listener.start(on: door.socket)
                        http.append(listener)
                    }
                } catch {
                    throw ListenFailure.explain(error, door.listener)
                }
            }
        } catch {
            for listener in http { await listener.stop(grace: .seconds(0)) }
            await sessions.shutDown(grace: .seconds(0))
            throw error
        }
        return Server(
            node: node, certificates: certificates, endpoints: endpoints, sessions: sessions, http: http,
            started: started,
            logger: logger)
    }

    private init(
        node: MailNode, certificates: CertificateKeeper?, endpoints: [String: Int], sessions: SessionServer,
        http: [HTTPListener], started: Date, logger: Logger
    ) {
        self.node = node
        self.certificates = certificates
        self.endpoints = endpoints
        self.sessions = sessions
        self.http = http
        self.started = started
        self.logger = logger
        maintenance = [
            Task { await Maintenance(node: node).run() },
            Task { await HeapPolicy.trimNowAndThen() },
            Task { try? await certificates?.run() },
        ]
    }

    /// The socket is the folder owner's: whoever may connect may do anything.
    private static func listenForAdministration(
        _ service: AdministrationService, node: MailNode, on sessions: SessionServer
    ) async throws {
        let path = node.directory + "/" + AdministrationSession.socketName
        guard path.utf8.count < 108 else {
            throw AdministrationFailure(
                error: "path", message: "the path \(path) is too long for a local socket",
                remedy:
                    "use a data folder with a path of at most \(107 - AdministrationSession.socketName.utf8.count - 1) bytes"
            )
        }
        let session = AdministrationSession(service: service)
        do {
            try await sessions.listen(
                localSocket: path,
                SessionServer.Service(
                    name: "admin", limits: ConnectionLimits(total: 1_000_000), refusal: "",
                    session: { await session.run($0) }))
        } catch {
            throw AdministrationFailure(
                error: "unavailable", message: "the local socket \(path) cannot be made: \(error)",
                remedy: "check the permissions of the folder and the space on its disk", isTransient: true)
        }
        chmod(path, 0o600)
    }

    /// Reads the certificate files anew.
    static func reload(_ certificates: CertificateKeeper?) throws {
        do throws(CertificateProblem) {
            try certificates?.reload()
        } catch {
            throw AdministrationFailure(error: "certificate", message: error.message, remedy: error.remedy)
        }
    }

    /// Stops listening, lets sessions end, and closes the store.
    package func stop() async {
        logger.notice("stopping", metadata: ["connections": "\(sessions.connectionCount)"])
        for task in maintenance { task.cancel() }
        let grace = TimeAmount(node.configuration.shutdown.grace)
        for listener in http { await listener.stop(grace: grace) }
        await sessions.shutDown(grace: grace)
        try? FileManager.default.removeItem(atPath: node.directory + "/" + AdministrationSession.socketName)
        await node.close()
        logger.notice("stopped")
    }
}
