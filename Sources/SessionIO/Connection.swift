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
        /// The peer dribbles what it has begun to send. It has been logged.
        case tooSlow
        /// The server is full of peers that have not logged in, and this one has been so for longest. It has been logged.
        case displaced
    }

    /// Names the connection in logs: short, unique in this process and, by its prefix, among restarts.
    package let id: String
    package let peer: PeerAddress
    package let local: PeerAddress
    /// What it came for, for logs: `smtp`, `imaps`, ….
    package let service: String
    package var logger: Logger
    package private(set) var tls: TLSSession?
    /// Bytes from the peer that no parser has taken yet.
    package var input = ByteBuffer()
    /// Replies not yet written; leaves with the next `flush` or `fill`.
    package var output = ByteBuffer()

    /// When `fill` times out whatever the peer sends: it should have got further by then.
    package var deadline: NIODeadline?

    package let channel: any Channel
    package var eventLoop: any EventLoop { channel.eventLoop }
    private var context: ChannelHandlerContext?
    private var waiter: UnsafeContinuation<Event, Never>?
    private var writabilityWaiter: UnsafeContinuation<Writability, Never>?
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

    /// Among all of this process.
    let number: UInt64
    /// Where it stands among those that may be displaced; the server's.
    var ticket: UInt64 = 0
    private let server: SessionServer
    private let turns: LoopTurns
    private var receivedBytes = 0
    private var sending = PaceMeter()
    private var taking = PaceMeter()
    /// Whether the peer counts as one that has logged in.
    private(set) var isLoggedIn = false
    private var isEngaged = false
    private var isDraining = false

    private enum Writability { case writable, closed, timeToLook }

    init(
        channel: any Channel, number: UInt64, id: String, service: String, server: SessionServer, turns: LoopTurns,
        logger: Logger, tls: TLSSession? = nil
    ) {
        self.channel = channel
        self.number = number
        self.id = id
        self.service = service
        self.server = server
        self.turns = turns
        self.peer = PeerAddress(channel.remoteAddress)
        self.local = PeerAddress(channel.localAddress)
        self.logger = logger
        self.tls = tls
    }

    // MARK: Reading

    /// How often the pace of a peer is looked at while it is waited for.
    private static let lookInterval = TimeAmount.seconds(10)

    /// Writes what is in `output`, then waits until there is more input or something else to attend to.
    ///
    /// - Parameter midway: the peer is in the middle of something and must keep the pace of `PaceLimits`: a message, a
    ///   literal. A line that has begun is seen without being told, as it is in `input`.
    package func fill(within timeout: TimeAmount, midway: Bool = false) async -> Event {
        eventLoop.assertInEventLoop()
        guard await flush() else { return .closed }
        let isMidway = midway || input.readableBytes > 0
        if !isMidway { sending.reset() }
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
        let start = eventLoop.now
        let end = min(deadline ?? .distantFuture, start + timeout)
        guard isMidway else { return await waitForInput(end - start) }
        return await waitForRest(start: start, end: end)
    }

    private func waitForInput(_ time: TimeAmount) async -> Event {
        await withUnsafeContinuation { continuation in
            waiter = continuation
            timer.arm(after: max(time, .nanoseconds(0)), on: eventLoop) { [weak self] in self?.deadlinePassed() }
        }
    }

    /// Waits for the rest of something that has begun. Looks now and then, as patience is shorter while memory is short.
    private func waitForRest(start: NIODeadline, end: NIODeadline) async -> Event {
        var now = start
        while true {
            let before = receivedBytes
            let isShort = server.policy.intakeMemory.isShort
            let credit = sending.credit(server.policy.pace, isShort: isShort)
            let event = await waitForInput(min(end - now, credit ?? Self.lookInterval, Self.lookInterval))
            let time = eventLoop.now - now
            now = now + time
            let isSpent = sending.passed(time, bytes: receivedBytes - before, server.policy.pace, isShort: isShort)
            guard event == .timedOut else { return event }
            if isSpent {
                note("sends too slowly", ["limit": "limits.minimumRate", "received": "\(receivedBytes)"])
                return .interrupted(.tooSlow)
            }
            if now >= end { return event }
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
        if writabilityWaiter != nil {
            resumeWriter(.timeToLook)
        } else if let handshakeWaiter {
            self.handshakeWaiter = nil
            handshakeWaiter.resume(returning: false)
        } else {
            resumeWaiter(.timedOut)
        }
    }

    // MARK: Writing

    /// Hands `output` to the network and waits while the peer is slow to take it. False if the connection is gone, which
    /// also happens to a peer that reads slower than `PaceLimits` asks for.
    package func flush() async -> Bool {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return false }
        if output.readableBytes > 0 {
            channel.writeAndFlush(output, promise: nil)
            output = ByteBuffer()
        }
        if isClosed { return false }
        if channel.isWritable { return true }
        return await waitForReader()
    }

    /// Waits until the channel is writable, or while draining, empty.
    private func waitForReader() async -> Bool {
        let memory = server.policy.outputMemory
        let held = SendProgress.pending(channel)
        memory.hold(held)
        defer { memory.release(held) }
        var limits = server.policy.pace
        // Without a rate, to take nothing at all is still too little.
        limits.minimumRate = max(limits.minimumRate, 1)
        var acknowledged = SendProgress.acknowledged(channel)
        while true {
            if memory.used > memory.limit, held > Self.spared {
                return cutOff("reads too slowly", limit: "limits.outputMemory", unread: held)
            }
            let isShort = memory.isShort
            let start = eventLoop.now
            let credit = taking.credit(limits, isShort: isShort) ?? Self.lookInterval
            let outcome = await withUnsafeContinuation { continuation in
                writabilityWaiter = continuation
                timer.arm(after: min(credit, Self.lookInterval), on: eventLoop) { [weak self] in self?.deadlinePassed()
                }
            }
            switch outcome {
            case .writable:
                taking.reset()
                return true
            case .closed: return false
            case .timeToLook:
                let taken = SendProgress.acknowledged(channel) - acknowledged
                acknowledged += taken
                guard taking.passed(eventLoop.now - start, bytes: max(taken, 0), limits, isShort: isShort) else {
                    continue
                }
                return cutOff(
                    "reads too slowly", limit: isShort ? "limits.outputMemory" : "limits.minimumRate", unread: held)
            }
        }
    }

    /// What a peer may leave unread even when the memory for all is used up.
    private static let spared = 64 << 10

    private func cutOff(_ reason: String, limit: String, unread: Int) -> Bool {
        note(reason, ["limit": .string(limit), "unread": "\(unread)"])
        SendProgress.abandon(channel)
        closeNow()
        return false
    }

    /// Sends a large response that is there already, a slice at a time. False as `flush`.
    package func send(_ response: ByteBuffer) async -> Bool {
        var rest = response
        let memory = server.policy.outputMemory
        memory.hold(response.readableBytes)
        defer { memory.release(response.readableBytes) }
        while let slice = rest.readSlice(length: min(rest.readableBytes, 32 << 10)), slice.readableBytes > 0 {
            guard await flush() else { return false }
            output = slice
        }
        return true
    }

    private func resumeWriter(_ outcome: Writability) {
        guard let writabilityWaiter else { return }
        self.writabilityWaiter = nil
        timer.disarm()
        writabilityWaiter.resume(returning: outcome)
    }

    /// Writes what is left and closes; the session is over.
    package func close() async {
        eventLoop.assertInEventLoop()
        guard !isClosed else { return }
        await drain()
        guard !isClosed else { return }
        // A TLS peer answers our goodbye with its own. It must be read, and half-closure be off, for NIOSSL to close then
        // and not after five seconds.
        isClosing = true
        try? channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
        requestRead()
        try? await channel.close()
    }

    /// Closing drops what the network has not taken yet, so it waits for that, at the pace of every reader.
    private func drain() async {
        beginDraining()
        guard !isClosed, SendProgress.pending(channel) > 0 else { return }
        _ = await waitForReader()
    }

    private func beginDraining() {
        isDraining = true
        let written = channel.writeAndFlush(output)
        output = ByteBuffer()
        written.assumeIsolated().whenComplete { [weak self] _ in self?.resumeWriter(.writable) }
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
            // Who has logged in meanwhile is no longer in anybody's way.
            if reason == .displaced, self.isLoggedIn { return }
            self.interruption = reason
            if reason == .displaced { self.note("displaced", ["limit": "limits.unauthenticatedConnections"]) }
            self.handshakeFinished(false)
            self.resumeWaiter(.interrupted(reason))
        }
    }

    /// Lets the peer wait: what is in `output` is sent first, and nothing is read meanwhile.
    package func pause(_ time: TimeAmount) async {
        guard time > .nanoseconds(0), await flush() else { return }
        let end = eventLoop.now + time
        var sawData = hasNewInput
        while interruption == nil, !isInputClosed, eventLoop.now < end {
            switch await waitForInput(end - eventLoop.now) {
            case .data: sawData = true
            case .woken: wakeRequested.store(true, ordering: .releasing)
            case .closed, .timedOut, .interrupted: break
            }
        }
        hasNewInput = sawData
    }

    /// Whether much is held for slow peers already.
    package var isShortOfMemory: Bool { server.policy.outputMemory.isShort }

    /// Waits until the loop's other connections have been looked at. For work that goes on for more than a millisecond
    /// without waiting for the network.
    package func giveWay() async {
        eventLoop.assertInEventLoop()
        await turns.next()
    }

    /// As `giveWay`, if there is more to do at once and the loop's turn is over. Called before each command, as a peer
    /// may have sent thousands.
    package func giveWayIfDue() async {
        guard input.readableBytes > 0, turns.isOver else { return }
        await giveWay()
    }

    // MARK: Limits

    /// The peer has proved who it is, and counts among the unauthenticated no more.
    package func loggedIn() {
        eventLoop.assertInEventLoop()
        guard !isLoggedIn else { return }
        isLoggedIn = true
        deadline = nil
        if interruption == .displaced { interruption = nil }
        server.loggedIn(self)
    }

    /// While a peer that has not logged in does something useful, it is not displaced by others.
    package func engaged(_ isEngaged: Bool) {
        eventLoop.assertInEventLoop()
        guard isEngaged != self.isEngaged else { return }
        self.isEngaged = isEngaged
        if !isLoggedIn { server.engaged(self, isEngaged) }
    }

    /// Memory for messages on their way in, which all connections share.
    package var intakeMemory: MemoryBudget { server.policy.intakeMemory }

    /// Tells log and metrics that the peer is refused something, or cut off, because of a limit.
    ///
    /// - Parameter reason: a few words that never change.
    package func note(_ reason: String, _ details: Logger.Metadata = [:]) {
        server.refusals.note(reason, service: service, peer: peer, connection: id, details)
    }

    // MARK: From the handler

    func attached(_ context: ChannelHandlerContext) { self.context = context }

    func detached() { context = nil }

    func received(_ bytes: inout ByteBuffer) {
        if isClosing { return }
        turns.looked()
        receivedBytes &+= bytes.readableBytes
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
        resumeWriter(.closed)
        inputClosed()
        timer.cancel()
    }

    func writabilityChanged(_ isWritable: Bool) {
        if isWritable, !isDraining { resumeWriter(.writable) }
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
