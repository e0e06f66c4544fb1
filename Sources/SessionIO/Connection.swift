package import Logging
package import NIOCore
import NIOSSL
import Synchronization

/// One peer's connection as a session sees it: bytes in, bytes out, time-outs, TLS and wake-ups.
///
/// All but `wake` and `interrupt` must be called on the connection's event loop, where its session runs anyway.
/// Reading is pull: nothing is read from the peer unless the session waits in `fill`, so a slow session holds back a fast
/// peer. Replies gather in `output` and leave in one write when the session next waits.
///
/// `@unchecked Sendable`: every mutable property is touched on `channel.eventLoop` only (asserted in debug builds), but
/// `wakeRequested`, which is atomic.
package final class Connection: @unchecked Sendable {
    /// Why `fill` returned.
    package enum Event: Hashable, Sendable {
        /// `input` has grown.
        case data
        /// The peer will send no more, or the connection is gone.
        case closed
        case timedOut
        /// Somebody called `wake`: there is news for this session.
        case woken
        /// The session has to end; tell the peer why.
        case interrupted(Interruption)
    }

    package enum Interruption: Hashable, Sendable {
        case shutdown
        /// The right to be logged in has ended.
        case revoked(String)
    }

    /// Names the connection in logs: short, unique in this process and, by its prefix, among restarts.
    package let id: String
    package let peer: PeerAddress
    package let local: PeerAddress
    package var logger: Logger
    package private(set) var tls: TLSSession?
    /// Bytes from the peer that no parser has taken yet.
    package var input = ByteBuffer()
    /// Replies not yet written; leaves with the next `flush` or `fill`.
    package var output = ByteBuffer()

    /// How long the peer may leave written bytes unread.
    package var writeTimeout: TimeAmount = .minutes(5)

    package let channel: any Channel
    package var eventLoop: any EventLoop { channel.eventLoop }
    private var context: ChannelHandlerContext?
    private var waiter: UnsafeContinuation<Event, Never>?
    private var writabilityWaiter: UnsafeContinuation<Bool, Never>?
    private var handshakeWaiter: UnsafeContinuation<Bool, Never>?
    private var timer = DeadlineTimer()
    private var hasNewInput = false
    private var isReadPending = false
    private var isInputClosed = false
    private var isClosing = false
    package private(set) var isClosed = false
    private var interruption: Interruption?
    private let wakeRequested = Atomic<Bool>(false)
    private var handshakeResult: Bool?
    private var helloReader: ClientHelloReader?

    init(channel: any Channel, id: String, logger: Logger, tls: TLSSession? = nil) {
        self.channel = channel
        self.id = id
        self.peer = PeerAddress(channel.remoteAddress)
        self.local = PeerAddress(channel.localAddress)
        self.logger = logger
        self.tls = tls
    }

    // MARK: Reading

    /// Writes what is in `output`, then waits until there is more input or something else to attend to.
    package func fill(within timeout: TimeAmount) async -> Event {
        eventLoop.assertInEventLoop()
        guard await flush() else { return .closed }
        if let interruption { return .interrupted(interruption) }
        if takeWake() { return .woken }
        if hasNewInput {
            hasNewInput = false
            return .data
        }
        if isInputClosed || isClosed { return .closed }
        // A drained buffer is let go: keeping it would cost up to 30 KB for each idle TLS connection.
        if input.readableBytes == 0 { input = ByteBuffer() } else { input.discardReadBytes() }
        requestRead()
        return await withUnsafeContinuation { continuation in
            waiter = continuation
            timer.arm(after: timeout, on: eventLoop) { [weak self] in self?.deadlinePassed() }
        }
    }

    private func requestRead() {
        guard !isReadPending, let context else { return }
        isReadPending = true
        context.read()
    }

    private func resumeWaiter(_ event: Event) {
        guard let waiter else { return }
        self.waiter = nil
        timer.disarm()
        waiter.resume(returning: event)
    }

    private func deadlinePassed() {
        if let writabilityWaiter {
            self.writabilityWaiter = nil
            logger.info("peer does not read", metadata: ["timeout": "\(writeTimeout)"])
            closeNow()
            writabilityWaiter.resume(returning: false)
        } else if let handshakeWaiter {
            self.handshakeWaiter = nil
            handshakeWaiter.resume(returning: false)
        } else {
            resumeWaiter(.timedOut)
        }
    }

    // MARK: Writing

    /// Hands `output` to the network and waits while the peer is slow to take it. False if the connection is gone.
    package func flush() async -> Bool {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return false }
        if output.readableBytes > 0 {
            channel.writeAndFlush(output, promise: nil)
            output = ByteBuffer()
        }
        if isClosed { return false }
        if channel.isWritable { return true }
        return await withUnsafeContinuation { continuation in
            writabilityWaiter = continuation
            timer.arm(after: writeTimeout, on: eventLoop) { [weak self] in self?.deadlinePassed() }
        }
    }

    /// Writes what is left and closes; the session is over.
    package func close() async {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return }
        if output.readableBytes > 0 {
            channel.writeAndFlush(output, promise: nil)
            output = ByteBuffer()
        }
        // A TLS peer answers our goodbye with its own. It must be read, and half-closure be off, for NIOSSL to close then
        // and not after five seconds.
        isClosing = true
        try? channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
        requestRead()
        try? await channel.close()
    }

    /// Closes without another word, as when content could not be sent whole.
    package func closeNow() {
        eventLoop.assertInEventLoop()
        output = ByteBuffer()
        channel.close(promise: nil)
    }

    // MARK: TLS

    /// Serves the TLS handshake. What the peer sent before it is discarded (RFC 3207 §4.2, RFC 9051 §6.2.1), so that
    /// nobody can slip commands in front of the encrypted session. Call after the reply that permits it is in `output`.
    package func startTLS(_ identity: TLSIdentity, within timeout: TimeAmount) async -> Bool {
        eventLoop.assertInEventLoop()
        guard tls == nil, await flush() else { return false }
        input = ByteBuffer()
        hasNewInput = false
        do {
            try addTLS(identity)
        } catch {
            logger.error("TLS cannot start", metadata: ["cause": "\(error)"])
            return false
        }
        return await finishHandshake(identity, within: timeout)
    }

    /// Puts TLS in front of all handlers.
    func addTLS(_ identity: TLSIdentity) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(NIOSSLServerHandler(context: identity.context), position: .first)
        guard identity.exporterSecrets != nil else { return }
        let reader = ClientHelloReader()
        try pipeline.addHandler(reader, position: .first)
        helloReader = reader
    }

    /// The exporter of the handshake that has just ended, and the end of the watch for it.
    private func takeExporter(_ identity: TLSIdentity) -> [UInt8]? {
        guard let reader = helloReader else { return nil }
        helloReader = nil
        channel.pipeline.syncOperations.removeHandler(reader, promise: nil)
        let secret = reader.clientRandom.flatMap { identity.exporterSecrets?.take($0) }
        return secret.flatMap { TLSExporter.channelBinding(exporterSecret: $0) }
    }

    func finishHandshake(_ identity: TLSIdentity, within timeout: TimeAmount) async -> Bool {
        if handshakeResult == nil, !isClosed {
            isReadPending = true
            context?.read()
            handshakeResult = await withUnsafeContinuation { continuation in
                handshakeWaiter = continuation
                timer.arm(after: timeout, on: eventLoop) { [weak self] in self?.deadlinePassed() }
            }
        }
        timer.disarm()
        let exporter = takeExporter(identity)
        guard handshakeResult == true, !isClosed else {
            closeNow()
            return false
        }
        // `input` stays: what is in it came encrypted, right behind the client's last handshake message.
        let version = (try? await channel.nioSSL_tlsVersion().get()) ?? nil
        tls = TLSSession(
            version: version == .tlsv13 ? "TLSv1.3" : "TLSv1.2", serverEndPoint: identity.serverEndPoint,
            exporter: exporter)
        return true
    }

    // MARK: From elsewhere

    /// Makes the present or next `fill` return `.woken`. From any thread; many calls are one.
    package func wake() {
        guard !wakeRequested.exchange(true, ordering: .acquiringAndReleasing) else { return }
        eventLoop.execute { [weak self] in
            guard let self, self.waiter != nil, self.takeWake() else { return }
            self.resumeWaiter(.woken)
        }
    }

    private func takeWake() -> Bool {
        wakeRequested.load(ordering: .acquiring) && wakeRequested.exchange(false, ordering: .acquiringAndReleasing)
    }

    /// Makes the present and every later `fill` return `.interrupted`. From any thread.
    package func interrupt(_ reason: Interruption) {
        eventLoop.execute { [weak self] in
            guard let self, self.interruption == nil else { return }
            self.interruption = reason
            self.resumeWaiter(.interrupted(reason))
        }
    }

    // MARK: From the handler

    func attached(_ context: ChannelHandlerContext) { self.context = context }

    func detached() { context = nil }

    func received(_ bytes: inout ByteBuffer) {
        if isClosing { return }
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        hasNewInput = true
    }

    func readCompleted() {
        isReadPending = false
        if handshakeWaiter != nil || isClosing {
            requestRead()
            return
        }
        if hasNewInput, waiter != nil {
            hasNewInput = false
            resumeWaiter(.data)
        } else if waiter != nil {
            requestRead()
        }
    }

    func inputClosed() {
        isInputClosed = true
        if hasNewInput, waiter != nil {
            hasNewInput = false
            resumeWaiter(.data)
        } else {
            resumeWaiter(.closed)
        }
        handshakeFinished(false)
    }

    func closed() {
        isClosed = true
        if let writabilityWaiter {
            self.writabilityWaiter = nil
            writabilityWaiter.resume(returning: false)
        }
        inputClosed()
        timer.cancel()
    }

    func writabilityChanged(_ isWritable: Bool) {
        guard isWritable, let writabilityWaiter else { return }
        self.writabilityWaiter = nil
        timer.disarm()
        writabilityWaiter.resume(returning: true)
    }

    func handshakeFinished(_ success: Bool) {
        if let handshakeWaiter {
            self.handshakeWaiter = nil
            handshakeWaiter.resume(returning: success)
        } else if success {
            handshakeResult = true
        }
    }
}
