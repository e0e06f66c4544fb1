import NIOCore
import NIOEmbedded

/// A client's end of one connection: bytes go in as the session asks for them, and what it says is kept.
final class SessionPeer {
    /// A client that would take in more than this goes away.
    static let patience = 1 << 20
    /// What a session may hand over while nobody reads it: a slice and the line or literal that exceeds it.
    private static let unreadLimit = 512 << 10

    let name: UInt8
    let channel: EmbeddedChannel
    private let wire = Wire()
    /// Everything the client has said, whether the session has read it or not.
    private(set) var said: [UInt8] = []
    private var pending = CircularBuffer<ByteBuffer>()
    private var endsInput = false
    private var hasEnded = false
    private(set) var hasLeft = false
    /// It may have been cut off, in the middle of a reply.
    private(set) var mayMissSomething = false

    init(name: UInt8, loop: EmbeddedEventLoop) {
        self.name = name
        channel = EmbeddedChannel(handler: wire, loop: loop)
        channel.allowRemoteHalfClosure = true
        channel.remoteAddress = try? SocketAddress(ipAddress: "192.0.2.\(name)", port: 40_000)
        channel.localAddress = try? SocketAddress(ipAddress: "192.0.2.1", port: 25)
    }

    func connect() {
        guard let address = channel.remoteAddress else { return }
        channel.connect(to: address, promise: nil)
    }

    var isOpen: Bool { channel.isActive }
    /// What the session has said.
    var heard: ByteBuffer { wire.output }
    /// The client has said that it will say no more.
    var isFinished: Bool { endsInput }

    func say(_ bytes: some Collection<UInt8>) {
        guard !endsInput, !bytes.isEmpty else { return }
        said += bytes
        pending.append(ByteBuffer(bytes: bytes))
    }

    func finish() { endsInput = true }

    func leave() {
        hasLeft = true
        mayMissSomething = true
        channel.close(promise: nil)
    }

    func stopReading() {
        guard isOpen else { return }
        mayMissSomething = true
        channel.isWritable = false
    }

    func resumeReading() {
        guard isOpen, !channel.isWritable else { return }
        wire.unread = 0
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
    }

    /// Lets the session read one piece, if it wants to. False if there was nothing to do.
    func deliver() -> Bool {
        guard isOpen, wire.wantsRead else { return false }
        if let piece = pending.popFirst() {
            wire.wantsRead = false
            channel.pipeline.fireChannelRead(piece)
            channel.pipeline.fireChannelReadComplete()
            return true
        }
        guard endsInput, !hasEnded else { return false }
        hasEnded = true
        wire.wantsRead = false
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        channel.pipeline.fireChannelReadComplete()
        return true
    }

    /// Whether the session does something else than read, although it could: it lets a client that errs wait.
    var isWaiting: Bool { isOpen && channel.isWritable && !wire.wantsRead }

    /// To be asked when nothing is left to run.
    func checkProgress() {
        expect(wire.unread <= Self.unreadLimit, "\(wire.unread) bytes are written to a client that does not read")
        if wire.output.readableBytes > Self.patience { leave() }
        guard isOpen, channel.isWritable else { return }
        expect(!hasEnded, "a session goes on after its client has gone")
        expect(!isWaiting, "a session neither reads nor ends")
    }

    /// The end of the pipeline that would be the network.
    private final class Wire: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        var wantsRead = false
        var output = ByteBuffer()
        var unread = 0

        func read(context: ChannelHandlerContext) { wantsRead = true }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            var bytes = unwrapOutboundIn(data)
            guard let channel = context.channel as? EmbeddedChannel else { return }
            if !channel.isWritable { unread += bytes.readableBytes }
            output.writeBuffer(&bytes)
            if output.readableBytes > SessionPeer.patience { channel.isWritable = false }
            promise?.succeed(())
        }
    }
}
