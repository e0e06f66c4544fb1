import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A client that sends what it is told, and reads lines.
final class TestClient: Sendable {
    struct Closed: Error {}

    private let channel: any Channel
    private let reader = Mutex<[UInt8]>([])
    private let iterator: Iterator
    private let readCount = Atomic<Int>(0)

    /// Reads of the socket whose bytes have been looked at.
    var reads: Int { readCount.load(ordering: .relaxed) }

    /// Only one task reads at a time.
    private final class Iterator: @unchecked Sendable {
        var base: AsyncStream<ByteBuffer>.AsyncIterator
        init(_ base: AsyncStream<ByteBuffer>.AsyncIterator) { self.base = base }
    }

    private final class Receiver: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let continuation: AsyncStream<ByteBuffer>.Continuation
        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private init(_ channel: any Channel, _ stream: AsyncStream<ByteBuffer>) {
        self.channel = channel
        iterator = Iterator(stream.makeAsyncIterator())
    }

    static func connect(to address: SocketAddress, tls: Bool = false) async throws -> TestClient {
        let (stream, continuation) = AsyncStream<ByteBuffer>.makeStream()
        let context = tls ? try TestIdentity.client() : nil
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    try channel.pipeline.syncOperations.addHandler(Receiver(continuation))
                }
            }
            .connect(to: address).get()
        return TestClient(channel, stream)
    }

    /// LF in `text` is sent as CRLF.
    func send(_ text: String, byteByByte: Bool = false) async throws {
        try await sendExactly(Array(text.replacing("\n", with: "\r\n").utf8), byteByByte: byteByByte)
    }

    func sendExactly(_ bytes: [UInt8], byteByByte: Bool = false) async throws {
        if byteByByte {
            for byte in bytes { try await channel.writeAndFlush(ByteBuffer(bytes: [byte])) }
        } else {
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        }
    }

    /// The next line without its CRLF; nil at the end.
    func line() async -> String? {
        while true {
            let line = reader.withLock { pending -> String? in
                guard let end = pending.firstIndex(of: 0x0A) else { return nil }
                let text = String(decoding: pending[..<end].filter { $0 != 0x0D }, as: UTF8.self)
                pending.removeFirst(end + 1)
                return text
            }
            if let line { return line }
            guard let more = await iterator.base.next() else { return nil }
            reader.withLock { $0.append(contentsOf: more.readableBytesView) }
            readCount.add(1, ordering: .relaxed)
        }
    }

    /// One reply with all its lines.
    func reply() async -> [String] {
        var lines: [String] = []
        while let line = await line() {
            lines.append(line)
            if line.dropFirst(3).first != "-" { break }
        }
        return lines
    }

    /// Sends a command and returns the reply.
    func command(_ text: String) async throws -> String {
        try await send(text + "\n")
        return await reply().joined(separator: "\n")
    }

    /// All lines until the server closes.
    func rest() async -> [String] {
        var lines: [String] = []
        while let line = await line() { lines.append(line) }
        return lines
    }

    func startTLS() async throws {
        let context = try TestIdentity.client()
        let channel = channel
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: context, serverHostname: nil), position: .first)
        }.get()
    }

    func close() { channel.close(promise: nil) }
}
