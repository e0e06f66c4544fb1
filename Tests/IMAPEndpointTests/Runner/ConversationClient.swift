import NIOCore
import NIOPosix
import NIOSSL

/// One client connection: lines in, bytes out.
final class ConversationClient {
    private let channel: any Channel
    private var lines: AsyncStream<String>.Iterator
    private let continuation: AsyncStream<String>.Continuation

    init(_ address: SocketAddress) async throws {
        let (stream, continuation) = AsyncStream<String>.makeStream()
        self.continuation = continuation
        lines = stream.makeAsyncIterator()
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LineCollector(continuation))
                }
            }
            .connect(to: address).get()
    }

    func send(_ text: String, byteByByte: Bool = false) {
        if byteByByte {
            for byte in text.utf8 { channel.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil) }
        } else {
            channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        }
    }

    func send(bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Sends no more; the server answers what it has and closes.
    func finish() {
        channel.close(mode: .output, promise: nil)
    }

    /// The next line without CRLF; nil at the end of the connection, or when none comes for long.
    func line() async -> String? {
        let continuation = continuation
        let deadline = channel.eventLoop.scheduleTask(in: .seconds(15)) { continuation.finish() }
        defer { deadline.cancel() }
        return await lines.next()
    }

    /// Sends a command; the lines up to its tagged reply, which is the last.
    func ask(_ command: String) async -> [String] {
        send(command + "\r\n")
        let tag = command.prefix { $0 != " " } + " "
        var lines: [String] = []
        while let line = await line() {
            lines.append(line)
            if line.hasPrefix(tag) { break }
        }
        return lines
    }

    func startTLS() async throws {
        let context = try TestIdentity.clientContext()
        let channel = channel
        try await channel.eventLoop.submit {
            let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }.get()
    }

    func close() async {
        try? await channel.close()
    }
}

private final class LineCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let continuation: AsyncStream<String>.Continuation
    private var pending = ByteBuffer()

    init(_ continuation: AsyncStream<String>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        pending.writeBuffer(&bytes)
        while let end = pending.readableBytesView.firstIndex(of: 0x0A) {
            var line = pending.readBytes(length: end - pending.readerIndex + 1) ?? []
            line.removeLast()
            if line.last == 0x0D { line.removeLast() }
            continuation.yield(String(decoding: line, as: UTF8.self))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { continuation.finish() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
