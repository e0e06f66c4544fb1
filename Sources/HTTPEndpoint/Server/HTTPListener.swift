import Hummingbird
import HummingbirdCore
package import Logging
package import Metrics
package import NIOCore
import NIOPosix
package import NIOSSL
import ServiceLifecycle
package import SessionIO
import Synchronization

/// HTTP or HTTPS on one address and port.
///
/// ``start(on:)`` serves on a socket that was bound before, perhaps with privileges that are gone by now; ``start()`` binds one.
/// Then ``run()`` in a service group keeps it until the graceful shutdown, or ``stop(grace:)`` ends it by hand.
package final class HTTPListener: Service {
    package struct Settings: Sendable {
        package var host: String
        /// 0: any free port.
        package var port: Int
        /// What `Server` says.
        package var serverName = "Martlet"
        /// How long the header of a request may take to come, from the connection or the last answer on.
        package var idleTimeout = TimeAmount.seconds(30)
        /// At this many connections, new ones wait.
        package var maximumConnections = 2000
        package var maximumHeaderSize = 32 * 1024
        /// How many connections, in all and from one address.
        package var limits = ConnectionLimits()
        package var pace = PaceLimits()

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    private let settings: Settings
    private let sessions: SessionServer?
    private let isTLS: Bool
    private let child: any ServerChildChannel
    private let eventLoopGroup: any EventLoopGroup
    private let logger: Logger
    private let connections = HTTPConnections()
    private let listener = Mutex<(any Channel)?>(nil)

    /// - Parameters:
    ///   - identity: the TLS context for the next connection; nil for plain HTTP.
    ///   - sessions: whose connections count together with these; nil: they count for nothing.
    ///   - contributors: who answers what; ``StatusRoutes`` and later ones.
    ///   - metrics: where requests are counted; nil for nowhere.
    package init(
        _ settings: Settings, identity: (@Sendable () -> NIOSSLContext)? = nil, sessions: SessionServer? = nil,
        contributors: [any RouteContributor],
        metrics: (any MetricsFactory)? = nil, eventLoopGroup: any EventLoopGroup, logger: Logger
    ) {
        self.settings = settings
        self.sessions = sessions
        isTLS = identity != nil
        self.eventLoopGroup = eventLoopGroup
        self.logger = logger
        let router = Router(context: HTTPRequestContext.self, options: .autoGenerateHeadEndpoints)
        if let metrics { router.add(middleware: RequestCounting(metrics)) }
        for contributor in contributors { contributor.addRoutes(to: router) }
        var http = HTTP1Channel.Configuration(idleTimeout: settings.idleTimeout)
        http.httpDecoder = .init(
            maxHeaderFieldSize: settings.maximumHeaderSize, maxHeaderListSize: settings.maximumHeaderSize,
            maxHeaderFieldCount: 100)
        let answers = HTTPAnswers(
            responder: router.buildResponder(), serverName: settings.serverName, isTLS: identity != nil, logger: logger)
        let base = HTTP1Channel(
            responder: { request, writer, channel in try await answers.answer(request, writer, channel) },
            configuration: http)
        child = identity.map { CurrentCertificateChannel(base: base, context: $0) } ?? base
    }

    /// Binds and serves, and returns the address bound; throws what the system said where it could not. To be called once.
    @discardableResult
    package func start() async throws -> SocketAddress {
        let socket = try BoundSocket(host: settings.host, port: settings.port)
        try await start(on: socket)
        return socket.address
    }

    /// Serves on `socket`. To be called once.
    package func start(on socket: BoundSocket) async throws {
        let (child, logger, connections, settings) = (child, logger, connections, settings)
        let (sessions, service, isTLS) = (sessions, isTLS ? "https" : "http", isTLS)
        let bootstrap = ServerBootstrap(group: eventLoopGroup)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try AcceptFailure.addHandlers(to: channel, logger: logger)
                    try channel.pipeline.syncOperations.addHandler(
                        AvailableConnectionsChannelHandler(maxConnections: settings.maximumConnections))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                if let sessions, !sessions.admit(channel, service: service, settings.limits) {
                    return channel.pipeline.addHandler(
                        RefusalHandler(text: Self.refusal, isTLS: isTLS, room: sessions.refused))
                }
                connections.add(channel)
                return Self.serve(channel, child, logger).flatMapThrowing {
                    try Self.watch(channel, service, settings.pace, sessions)
                }
            }
        let channel = try await socket.listen { try await bootstrap.withBoundSocket($0).get() }
        listener.withLock { $0 = channel }
        logger.info("listening", metadata: ["address": "\(socket.address)"])
    }

    /// What a peer gets that is one connection too many.
    private static let refusal =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    /// Behind the decoder, where a request can be told from the silence before it.
    private static func watch(
        _ channel: any Channel, _ service: String, _ pace: PaceLimits, _ sessions: SessionServer?
    ) throws {
        let peer = PeerAddress(channel.remoteAddress)
        let patience = HTTPPatience(pace) { reason in
            sessions?.refusals.note(reason, service: service, peer: peer, ["limit": "limits.minimumRate"])
        }
        let state = try channel.pipeline.syncOperations.handler(type: HTTPConnectionStateHandler.self)
        try channel.pipeline.syncOperations.addHandler(patience, position: .before(state))
    }

    private static func serve<Child: ServerChildChannel>(
        _ channel: any Channel, _ child: Child, _ logger: Logger
    ) -> EventLoopFuture<Void> {
        child.setup(channel: channel, logger: logger).map { value in
            Task { await child.handle(value: value, logger: logger) }
        }
    }

    /// Starts unless that was done before, and returns after the shutdown.
    package func run() async throws {
        if listener.withLock({ $0 == nil }) { try await start() }
        try? await gracefulShutdown()
        await stop()
    }

    /// Takes no more requests, lets those at work finish within `grace`, and returns when all is closed.
    package func stop(grace: TimeAmount = .seconds(30)) async {
        let channel = listener.withLock { channel in
            defer { channel = nil }
            return channel
        }
        guard let channel else { return }
        try? await channel.close()
        await connections.end(grace: grace, on: eventLoopGroup.next())
    }
}
