import MailModel
import MailStore
import NIOCore
import NIOEmbedded
import SessionIO

/// What a kind of session adds to running it.
protocol SessionProtocol {
    /// Makes the listener of this variant over `host`.
    static func service(variant: Int, _ host: SessionHost) -> SessionServer.Service
    static func host(variant: Int) async throws(StoreError) -> SessionHost
    /// Whether connections of this variant count as encrypted.
    static func isEncrypted(variant: Int) -> Bool
    /// Ends what the client may be in the middle of, and asks for an answer.
    static func probe(_ number: Int) -> [UInt8]
    /// Whether `heard`, what came after the probe, answers it.
    static func isAnswer(_ heard: ByteBuffer, to number: Int) -> Bool
    /// More than this may not be needed to get out of a literal or chunk; nil: the client has announced more.
    static func filler(after said: [UInt8]) -> Int?
    /// Looks at what was said.
    static func check(_ peer: SessionPeer, _ host: SessionHost)
}

/// Sessions without a socket: connections in memory, one thread, a clock that stands until it is moved.
final class SessionRun<Kind: SessionProtocol> {
    private let loop = EmbeddedEventLoop()
    private let server: SessionServer
    private var host: SessionHost?
    private var service: SessionServer.Service?
    private var variant = 0
    private var peers: [SessionPeer] = []
    private var current: SessionPeer?

    private init() { server = SessionServer(group: loop, logger: SessionHost.quiet) }

    /// Runs an input to its end and checks what must hold.
    static func run(_ bytes: [UInt8]) {
        SerialTasks.install()
        weak var shard: MemoryShard?
        do {
            let run = SessionRun()
            for step in ScriptStep.read(bytes) { run.perform(step) }
            shard = run.host?.shard
            run.end()
        }
        expect(shard == nil, "something of an ended session is kept")
    }

    private func open() {
        guard service == nil else { return }
        _ = SeedMessages.staged
        let variant = variant
        let host = wait { () async throws(StoreError) in try await Kind.host(variant: variant) }
        self.host = host
        service = Kind.service(variant: variant, host)
    }

    private func perform(_ step: ScriptStep) {
        switch step {
        case .variant(let number): if service == nil { variant = number }
        case .connection(let name, let waits): connect(name, waits: waits)
        case .say(let bytes):
            if current == nil { connect(0x41, waits: true) }
            for piece in Pieces.cut(session: bytes) { current?.say(piece) }
        case .finish: current?.finish()
        case .leave:
            settle()
            if let current, current.isOpen { current.leave() }
            settle()
        case .wait:
            settle()
            loop.advanceTime(by: .hours(1))
            settle()
        case .stopReading:
            settle()
            current?.stopReading()
        case .resumeReading:
            settle()
            current?.resumeReading()
        case .deliver: change { host async throws(StoreError) in try? await host.deliver(0..<2) }
        case .changePassword: change { host async throws(StoreError) in try await host.changePassword() }
        case .disable: change { host async throws(StoreError) in try await host.disable() }
        case .shutDown:
            settle()
            let server = server
            Task { await server.shutDown(grace: .seconds(10)) }
            settle()
        case .pause: settle()
        }
    }

    private func connect(_ name: UInt8, waits: Bool) {
        open()
        if waits { settle() }
        if let known = peers.first(where: { $0.name == name }) {
            current = known
            return
        }
        guard let service else { return }
        let peer = SessionPeer(name: name, loop: loop)
        let isEncrypted = Kind.isEncrypted(variant: variant)
        do {
            try server.prepare(
                peer.channel, for: service,
                tls: isEncrypted ? TLSSession(version: "TLSv1.3", serverEndPoint: [1], exporter: [2]) : nil)
        } catch {
            fail("no connection: \(error)")
        }
        peer.connect()
        peers.append(peer)
        current = peer
    }

    private func change(_ body: @escaping @Sendable (SessionHost) async throws(StoreError) -> Void) {
        settle()
        guard let host else { return }
        wait { () async throws(StoreError) in try await body(host) }
        settle()
    }

    // MARK: The end

    private func end() {
        guard let host else { return }
        settle()
        for peer in peers { peer.resumeReading() }
        settle()
        for peer in peers where peer.isOpen && !peer.isFinished { probe(peer) }
        for peer in peers { peer.finish() }
        settle()
        for peer in peers {
            // More than a client's patience may be left to be said.
            while peer.isOpen, !peer.channel.isWritable {
                peer.resumeReading()
                settle()
            }
            expect(!peer.isOpen, "a session outlives its client")
        }
        expect(server.connectionCount == 0, "the server still counts connections")
        for peer in peers { Kind.check(peer, host) }
        wait { () async throws(StoreError) in try await host.check() }
        do { try loop.syncShutdownGracefully() } catch { fail("the loop does not end") }
    }

    /// A session must be there for its client after whatever it has been told.
    private func probe(_ peer: SessionPeer) {
        guard let filler = Kind.filler(after: peer.said) else { return }
        for number in 0..<4 {
            let before = peer.heard.writerIndex
            peer.say(Kind.probe(number))
            settle()
            peer.resumeReading()
            settle()
            guard peer.isOpen else { return }
            var heard = peer.heard
            heard.moveReaderIndex(to: before)
            if Kind.isAnswer(heard, to: number) { return }
            peer.say([UInt8](repeating: 0x78, count: filler))
            settle()
        }
        fail("a session does not answer any more")
    }

    // MARK: Running

    /// Runs until nothing moves any more.
    private func settle() {
        for _ in 0..<60 {
            repeat { loop.run() } while SerialTasks.run() || deliver()
            guard peers.contains(where: \.isWaiting) else { break }
            loop.advanceTime(by: .seconds(1))
        }
        for peer in peers { peer.checkProgress() }
        if peers.contains(where: { $0.hasLeft && $0.isOpen }) { fail("a closed connection is open") }
        repeat { loop.run() } while SerialTasks.run()
    }

    private func deliver() -> Bool {
        var isMoved = false
        for peer in peers where peer.deliver() {
            isMoved = true
            loop.run()
        }
        return isMoved
    }

    private func wait<Result: Sendable>(_ body: @escaping @Sendable () async throws(StoreError) -> Result) -> Result {
        SerialTasks.wait(body) { self.settle() }
    }
}
