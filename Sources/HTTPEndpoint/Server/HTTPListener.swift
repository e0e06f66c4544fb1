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
        /// Silence after which a connection is closed.
        package var idleTimeout = TimeAmount.seconds(60)
        /// At this many connections, new ones wait.
        package var maximumConnections = 2000
        package var maximumHeaderSize = 32 * 1024

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    private let settings: Settings
    private let child: any ServerChildChannel
    private let eventLoopGroup: any EventLoopGroup
    private let logger: Logger
    private let connections = HTTPConnections()
    private let listener = Mutex<(any Channel)?>(nil)

    /// - Parameters:
    ///   - identity: the TLS context for the next connection; nil for plain HTTP.
    ///   - contributors: who answers what; ``StatusRoutes`` and later ones.
    ///   - metrics: where requests are counted; nil for nowhere.
    package init(
        _ settings: Settings, identity: (@Sendable () -> NIOSSLContext)? = nil, contributors: [any RouteContributor],
        metrics: (any MetricsFactory)? = nil, eventLoopGroup: any EventLoopGroup, logger: Logger
    ) {
        self.settings = settings
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
        let (child, logger, connections, limit) = (child, logger, connections, settings.maximumConnections)
        let channel = try await ServerBootstrap(group: eventLoopGroup)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AvailableConnectionsChannelHandler(maxConnections: limit))
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                connections.add(channel)
                return Self.serve(channel, child, logger)
            }
            .withBoundSocket(socket.listen()).get()
        listener.withLock { $0 = channel }
        logger.info("listening", metadata: ["address": "\(socket.address)"])
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
