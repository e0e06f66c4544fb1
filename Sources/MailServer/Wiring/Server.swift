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
/// Start order: certificates, then the data folder (its lock makes sure there is one server), then ports. Stop order: ports,
/// sessions (told, then given `shutdown.grace`), then the store, which finishes what was begun.
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

    package static func start(
        _ node: MailNode, certificates: CertificateKeeper?, metrics: PrometheusRegistry
    ) async throws -> Server {
        let logger = Logger(label: "server")
        let group = MultiThreadedEventLoopGroup.singleton
        let sessions = SessionServer(
            group: group, logger: Logger(label: "session"), policy: SessionServices.policy(node.configuration))
        let connections = DescriptorLimit.connections(wanted: node.configuration.limits.connections, logger: logger)
        let services = SessionServices(node: node, tls: certificates?.identities, connections: connections)
        ServerMetrics.add(node, sessions, to: metrics)
        let started = Date()
        var endpoints: [String: Int] = [:]
        var http: [HTTPListener] = []
        do {
            for listener in node.configuration.listeners {
                guard !listener.service.isImplicitTLS || certificates != nil else {
                    logger.warning(
                        "no certificate, so no \(listener.service.rawValue)",
                        metadata: ["remedy": "set tls.certificate and tls.key"])
                    continue
                }
                let port: Int
                switch listener.service {
                case .http, .https:
                    let door: HTTPListener
                    (door, port) = try await HTTPDoor(
                        node: node, certificates: certificates, registry: metrics, sessions: sessions,
                        limits: services.limits
                    ).open(listener)
                    http.append(door)
                default:
                    guard let service = services.service(for: listener.service) else { continue }
                    port = try await listen(listener, service, on: sessions)
                }
                endpoints[listener.service.rawValue] = port
            }
            let bound = endpoints
            let administration = AdministrationService(
                shard: node.shard, accounts: node.administrationOfAccounts, queue: node.queue,
                status: {
                    await node.status(
                        StatusView.Running(
                            started: started, endpoints: bound, connections: sessions.connectionCount,
                            sessions: node.sessions.count()))
                },
                reload: { try Self.reload(certificates) })
            try await listenForAdministration(administration, node: node, on: sessions)
        } catch {
            for listener in http { await listener.stop() }
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
            Task { try? await certificates?.run() },
        ]
    }

    private static func listen(
        _ listener: Listener, _ service: SessionServer.Service, on sessions: SessionServer
    ) async throws -> Int {
        var failure: any Error = ChannelError.unknownLocalAddress
        for host in listener.bindCandidates {
            do {
                return try await sessions.listen(host: host, port: listener.port, service).port ?? listener.port
            } catch {
                failure = error
            }
        }
        throw ListenFailure.explain(failure, listener)
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
        let former = umask(0o077)
        defer { umask(former) }
        try await sessions.listen(
            localSocket: path,
            SessionServer.Service(
                name: "admin", limits: ConnectionLimits(total: 1_000_000), refusal: "",
                session: { await session.run($0) }))
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
        for listener in http { await listener.stop() }
        await sessions.shutDown(grace: grace)
        try? FileManager.default.removeItem(atPath: node.directory + "/" + AdministrationSession.socketName)
        await node.close()
        logger.notice("stopped")
    }
}
