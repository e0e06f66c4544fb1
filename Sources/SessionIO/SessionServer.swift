package import Logging
package import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Binds listeners and runs one session function for each connection, on the connection's own event loop.
package final class SessionServer: Sendable {
    /// What a listener serves.
    package struct Service: Sendable {
        /// For logs: `smtp`, `imaps`, ….
        package var name: String
        /// Set where TLS begins with the first byte.
        package var implicitTLS: TLSIdentitySource?
        package var limits: ConnectionLimits
        /// Sent to a peer that is one connection too many, then closed.
        package var refusal: String
        package var handshakeTimeout: TimeAmount
        package var session: @Sendable (Connection) async -> Void

        package init(
            name: String, implicitTLS: TLSIdentitySource? = nil, limits: ConnectionLimits = ConnectionLimits(),
            refusal: String, handshakeTimeout: TimeAmount = .seconds(30),
            session: @escaping @Sendable (Connection) async -> Void
        ) {
            self.name = name
            self.implicitTLS = implicitTLS
            self.limits = limits
            self.refusal = refusal
            self.handshakeTimeout = handshakeTimeout
            self.session = session
        }
    }

    private struct State {
        var listeners: [any Channel] = []
        var connections: [ObjectIdentifier: Connection] = [:]
        var isShuttingDown = false
        var drained: CheckedContinuation<Void, Never>?
        var nextNumber: UInt64 = 0
    }

    private let group: any EventLoopGroup
    private let executors: [ObjectIdentifier: EventLoopTaskExecutor]
    private let logger: Logger
    private let prefix: String
    private let counter = ConnectionCounter()
    private let state = Mutex(State())

    package init(group: any EventLoopGroup, logger: Logger) {
        self.group = group
        self.logger = logger
        var executors: [ObjectIdentifier: EventLoopTaskExecutor] = [:]
        for loop in group.makeIterator() { executors[ObjectIdentifier(loop)] = EventLoopTaskExecutor(loop) }
        self.executors = executors
        prefix = String(UInt32.random(in: 0...UInt32.max), radix: 36)
    }

    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Listens at `host`:`port` (0: any free port) and returns the address bound.
    package func listen(host: String, port: Int, _ service: Service) async throws -> SocketAddress {
        let socket = try BoundSocket(host: host, port: port)
        try await listen(on: socket, service)
        return socket.address
    }

    /// Begins to take connections on a socket that has its address already.
    package func listen(on socket: BoundSocket, _ service: Service) async throws {
        let bootstrap = bootstrap(for: service).childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        let channel = try await bootstrap.withBoundSocket(socket.listen()).get()
        _ = try keep(channel, service)
    }

    /// Listens on a local socket at `path`; a file left there by a dead process is replaced.
    package func listen(localSocket path: String, _ service: Service) async throws {
        let channel = try await bootstrap(for: service).bind(
            unixDomainSocketPath: path, cleanupExistingSocketFile: true
        ).get()
        _ = try keep(channel, service)
    }

    private func bootstrap(for service: Service) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 * 1024, high: 256 * 1024))
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try self.prepare(channel, for: service) }
            }
    }

    private func keep(_ channel: any Channel, _ service: Service) throws -> SocketAddress {
        state.withLock { $0.listeners.append(channel) }
        guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
        logger.info("listening", metadata: ["service": "\(service.name)", "address": "\(address)"])
        return address
    }

    /// Serves an existing channel, as tests do; the channel must not be active yet. With `tls`, its bytes count as decrypted.
    package func prepare(_ channel: any Channel, for service: Service, tls: TLSSession? = nil) throws {
        let peer = PeerAddress(channel.remoteAddress)
        if let refusal = counter.enter(peer, service.limits) {
            logger.warning(
                "connection refused",
                metadata: ["service": "\(service.name)", "peer": "\(peer)", "limit": "\(refusal)"])
            try channel.pipeline.syncOperations.addHandler(
                RefusalHandler(text: service.refusal, isTLS: service.implicitTLS != nil))
            return
        }
        channel.closeFuture.whenComplete { [counter] _ in counter.leave(peer) }
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        let id = "\(prefix)-\(String(number, radix: 36))"
        var logger = logger
        logger[metadataKey: "connection"] = "\(id)"
        let connection = Connection(channel: channel, id: id, logger: logger, tls: tls)
        let identity = service.implicitTLS?.current
        if let identity {
            try connection.addTLS(identity)
        }
        let handler = ConnectionHandler(connection) { [self] in run($0, service, identity) }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private func run(_ connection: Connection, _ service: Service, _ identity: TLSIdentity?) {
        let key = ObjectIdentifier(connection)
        let isShuttingDown = state.withLock { state in
            state.connections[key] = connection
            return state.isShuttingDown
        }
        if isShuttingDown { connection.interrupt(.shutdown) }
        connection.logger.debug("connected", metadata: ["service": "\(service.name)", "peer": "\(connection.peer)"])
        let executor = executors[ObjectIdentifier(connection.eventLoop)] ?? EventLoopTaskExecutor(connection.eventLoop)
        Task(executorPreference: executor) {
            var isReady = true
            if let identity { isReady = await connection.finishHandshake(identity, within: service.handshakeTimeout) }
            if isReady { await service.session(connection) }
            await connection.close()
            self.ended(key)
        }
    }

    private func ended(_ key: ObjectIdentifier) {
        let drained = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.connections[key] = nil
            guard state.connections.isEmpty else { return nil }
            defer { state.drained = nil }
            return state.drained
        }
        drained?.resume()
    }

    /// Stops listening, tells every session to end, waits at most `grace` for them, then closes what is left.
    package func shutDown(grace: TimeAmount) async {
        let (listeners, connections) = state.withLock { state in
            state.isShuttingDown = true
            defer { state.listeners = [] }
            return (state.listeners, Array(state.connections.values))
        }
        for listener in listeners { try? await listener.close() }
        for connection in connections { connection.interrupt(.shutdown) }
        let closer = group.next().scheduleTask(in: grace) { [self] in
            for connection in state.withLock({ Array($0.connections.values) }) {
                connection.eventLoop.execute { connection.closeNow() }
            }
        }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isDrained = state.withLock { state in
                if !state.connections.isEmpty { state.drained = continuation }
                return state.connections.isEmpty
            }
            if isDrained { continuation.resume() }
        }
        closer.cancel()
    }
}

/// Tells a peer that there is no room, and closes. A TLS peer could not read the words, so it gets none.
private final class RefusalHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let text: String
    private let isTLS: Bool

    init(text: String, isTLS: Bool) {
        self.text = text
        self.isTLS = isTLS
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        if isTLS {
            channel.close(promise: nil)
        } else {
            channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
