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
        var connections: [UInt64: Connection] = [:]
        /// Those that may be closed to make room, by ticket: the lowest has waited longest.
        var dispensable: [UInt64: Connection] = [:]
        var lowestTicket: UInt64 = 0
        var nextTicket: UInt64 = 0
        var isShuttingDown = false
        var drained: CheckedContinuation<Void, Never>?
        var nextNumber: UInt64 = 0
    }

    private let group: any EventLoopGroup
    private let executors: [ObjectIdentifier: EventLoopTaskExecutor]
    private let logger: Logger
    private let prefix: String
    package let policy: SessionPolicy
    /// Shared with doors that are not this server's.
    package let gate = ConnectionGate()
    package let refusals: RefusalLog
    package let refused = RefusalHandler.Room()
    private let state = Mutex(State())

    package init(group: any EventLoopGroup, logger: Logger, policy: SessionPolicy = SessionPolicy()) {
        self.group = group
        self.logger = logger
        self.policy = policy
        refusals = RefusalLog(group: group, logger: logger)
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
        let channel = try await socket.listen { try await bootstrap.withBoundSocket($0).get() }
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
            .serverChannelOption(.backlog, value: 4096)
            // Without descriptors, accepting pauses for a second instead of failing as fast as it can.
            .serverChannelInitializer { [logger] channel in
                channel.eventLoop.makeCompletedFuture { try AcceptFailure.addHandlers(to: channel, logger: logger) }
            }
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
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
        if let refusal = enter(peer, service.limits) {
            noteRefusal(refusal, service.name, peer)
            try channel.pipeline.syncOperations.addHandler(
                RefusalHandler(text: service.refusal, isTLS: service.implicitTLS != nil, room: refused))
            return
        }
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        let id = "\(prefix)-\(String(number, radix: 36))"
        var logger = logger
        logger[metadataKey: "connection"] = "\(id)"
        let connection = Connection(
            channel: channel, number: number, id: id, service: service.name, server: self,
            turns: executor(of: channel.eventLoop).turns, logger: logger, tls: tls)
        channel.closeFuture.assumeIsolated().whenComplete { [gate] _ in
            gate.leave(peer, wasAuthenticated: connection.isLoggedIn)
        }
        // A bounded queue of the kernel for what the peer has not taken, and a small one of ours.
        try channel.syncOptions?.setOption(.writeBufferWaterMark, value: .init(low: 16 * 1024, high: 64 * 1024))
        if !peer.isLocal {
            try? channel.syncOptions?.setOption(.tcpOption(Self.notSentLowWaterMark), value: 128 * 1024)
        }
        let identity = service.implicitTLS?.current
        if let identity {
            try connection.addTLS(identity)
        }
        let handler = ConnectionHandler(connection) { [self] in run($0, service, identity) }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// TCP_NOTSENT_LOWAT of linux/tcp.h.
    private static let notSentLowWaterMark = NIOBSDSocket.Option(rawValue: 25)

    /// That of a loop which is not of the group, as tests have, is made anew.
    private func executor(of eventLoop: any EventLoop) -> EventLoopTaskExecutor {
        executors[ObjectIdentifier(eventLoop)] ?? EventLoopTaskExecutor(eventLoop)
    }

    private func run(_ connection: Connection, _ service: Service, _ identity: TLSIdentity?) {
        let isShuttingDown = state.withLock { state in
            state.connections[connection.number] = connection
            return state.isShuttingDown
        }
        // Who reaches a local socket may do so: its file's permissions say it.
        if connection.peer.isLocal { connection.loggedIn() } else { engaged(connection, false) }
        if isShuttingDown { connection.interrupt(.shutdown) }
        connection.logger.debug("connected", metadata: ["service": "\(service.name)", "peer": "\(connection.peer)"])
        Task(executorPreference: executor(of: connection.eventLoop)) {
            var isReady = true
            if let identity {
                isReady = await connection.finishHandshake(identity, within: service.handshakeTimeout)
                if !isReady { connection.logger.debug("TLS handshake failed") }
            }
            if isReady { await service.session(connection) }
            await connection.close()
            self.ended(connection)
        }
    }

    private func ended(_ connection: Connection) {
        let drained = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.connections[connection.number] = nil
            state.dispensable[connection.ticket] = nil
            guard state.connections.isEmpty else { return nil }
            defer { state.drained = nil }
            return state.drained
        }
        drained?.resume()
    }

    // MARK: Peers that have not logged in

    /// Counts a connection of a door that is not this server's until it is closed. False if there is no room for it, which is
    /// in the log then. Such connections are never displaced: their door must end idle ones soon.
    package func admit(_ channel: any Channel, service: String, _ limits: ConnectionLimits) -> Bool {
        let peer = PeerAddress(channel.remoteAddress)
        if let refusal = gate.enter(peer, limits) {
            noteRefusal(refusal, service, peer)
            return false
        }
        channel.closeFuture.whenComplete { [gate] _ in gate.leave(peer, wasAuthenticated: false) }
        return true
    }

    private func noteRefusal(_ refusal: ConnectionGate.Refusal, _ service: String, _ peer: PeerAddress) {
        refusals.note(
            "too many connections", service: service, peer: peer,
            ["limit": .string(refusal.text), "connections": "\(gate.count)"])
    }

    /// Takes a place for a newcomer; where those for unauthenticated peers are taken, that of the one which has been
    /// there longest without doing anything.
    private func enter(_ peer: PeerAddress, _ limits: ConnectionLimits) -> ConnectionGate.Refusal? {
        let refusal = gate.enter(peer, limits)
        // An address that has some already does not get more at the cost of others, nor come in a circle at its own.
        guard refusal == .unauthenticated, gate.count(of: peer) < Self.modestShare, let oldest = takeOldest() else {
            return refusal
        }
        oldest.interrupt(.displaced)
        // The displaced take a moment to go.
        return gate.enter(peer, limits, spare: max(limits.unauthenticated / 8, 16), isSecondTry: true)
    }

    /// Connections of one address that may come in by displacing others.
    private static let modestShare = 10

    private func takeOldest() -> Connection? {
        state.withLock { state in
            while state.lowestTicket < state.nextTicket {
                defer { state.lowestTicket += 1 }
                if let connection = state.dispensable.removeValue(forKey: state.lowestTicket) { return connection }
            }
            return nil
        }
    }

    func loggedIn(_ connection: Connection) {
        gate.authenticated()
        state.withLock { $0.dispensable[connection.ticket] = nil }
    }

    func engaged(_ connection: Connection, _ isEngaged: Bool) {
        state.withLock { state in
            state.dispensable[connection.ticket] = nil
            guard !isEngaged else { return }
            connection.ticket = state.nextTicket
            state.nextTicket += 1
            state.dispensable[connection.ticket] = connection
        }
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
