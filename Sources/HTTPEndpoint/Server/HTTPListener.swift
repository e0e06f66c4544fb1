import Hummingbird
import HummingbirdCore
package import Logging
package import Metrics
package import NIOCore
package import NIOSSL
import ServiceLifecycle
import Synchronization

/// HTTP or HTTPS on one address and port.
///
/// ``start()`` binds and returns the address, so that a taken port is known before anything else happens; then ``run()`` in a
/// service group keeps it until the graceful shutdown, or ``stop()`` ends it by hand.
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

    private enum State {
        case new
        case started(Task<Void, any Error>)
    }

    private let group: ServiceGroup
    private let bound: AsyncThrowingStream<SocketAddress, any Error>
    private let boundContinuation: AsyncThrowingStream<SocketAddress, any Error>.Continuation
    private let state = Mutex(State.new)

    /// - Parameters:
    ///   - identity: the TLS context for the next connection; nil for plain HTTP.
    ///   - contributors: who answers what; ``StatusRoutes`` and later ones.
    ///   - metrics: where requests are counted; nil for nowhere.
    package init(
        _ settings: Settings, identity: (@Sendable () -> NIOSSLContext)? = nil, contributors: [any RouteContributor],
        metrics: (any MetricsFactory)? = nil, eventLoopGroup: any EventLoopGroup, logger: Logger
    ) {
        let router = Router(context: HTTPRequestContext.self, options: .autoGenerateHeadEndpoints)
        if let metrics { router.add(middleware: RequestCounting(metrics)) }
        for contributor in contributors { contributor.addRoutes(to: router) }
        var http = HTTP1Channel.Configuration(idleTimeout: settings.idleTimeout)
        http.httpDecoder = .init(
            maxHeaderFieldSize: settings.maximumHeaderSize, maxHeaderListSize: settings.maximumHeaderSize,
            maxHeaderFieldCount: 100)
        let (bound, continuation) = AsyncThrowingStream<SocketAddress, any Error>.makeStream()
        self.bound = bound
        boundContinuation = continuation
        let application = Application(
            router: router,
            server: HTTPServerBuilder { [http] responder in
                let base = HTTP1Channel(responder: responder, configuration: http)
                guard let identity else { return base }
                return CurrentCertificateChannel(base: base, context: identity)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: settings.serverName,
                availableConnectionsDelegate: MaximumAvailableConnections(settings.maximumConnections)),
            onServerRunning: { channel in
                if let address = channel.localAddress { continuation.yield(address) }
            },
            eventLoopGroupProvider: .shared(eventLoopGroup), logger: logger)
        group = ServiceGroup(services: [application], logger: logger)
    }

    /// Listens, and returns the address bound; throws what the system said where it could not. To be called once.
    package func start() async throws -> SocketAddress {
        let task = Task { [group, boundContinuation] in
            do {
                try await group.run()
                boundContinuation.finish()
            } catch {
                boundContinuation.finish(throwing: error)
                throw error
            }
        }
        state.withLock { $0 = .started(task) }
        for try await address in bound { return address }
        throw CancellationError()
    }

    /// Starts unless ``start()`` was called, and returns after the shutdown.
    package func run() async throws {
        if case .new = state.withLock({ $0 }) { _ = try await start() }
        guard case .started(let task) = state.withLock({ $0 }) else { return }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await task.value
            } onGracefulShutdown: { [group] in
                Task { await group.triggerGracefulShutdown() }
            }
        } onCancel: {
            task.cancel()
        }
    }

    /// Takes no more requests, lets those at work finish, and returns when all is closed.
    package func stop() async {
        guard case .started(let task) = state.withLock({ $0 }) else { return }
        await group.triggerGracefulShutdown()
        _ = await task.result
    }
}
