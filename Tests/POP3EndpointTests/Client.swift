import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A client that reads lines, whatever the server means by them.
final class Client: Sendable {
    private let channel: any Channel
    private let reader: LineReader

    static func connect(to address: SocketAddress) async throws -> Client {
        let reader = LineReader()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in channel.pipeline.addHandler(reader) }
            .connect(to: address).get()
        return Client(channel, reader)
    }

    private init(_ channel: any Channel, _ reader: LineReader) {
        self.channel = channel
        self.reader = reader
    }

    /// Sends `text` in writes of `piece` bytes.
    func send(_ text: String, piece: Int = .max) async throws {
        var rest = ByteBuffer(string: text)
        while let slice = rest.readSlice(length: min(piece, rest.readableBytes)), slice.readableBytes > 0 {
            try await channel.writeAndFlush(slice)
        }
    }

    /// The next line without its CRLF; nil at the end of the connection.
    func line() async -> String? { await reader.next() }

    /// The lines of a multi-line answer, without the first line and the dot.
    func lines() async -> [String] {
        var lines: [String] = []
        while let line = await line(), line != "." { lines.append(line) }
        return lines
    }

    /// Sends a command and returns the first line of its answer.
    func ask(_ command: String) async throws -> String? {
        try await send(command + "\r\n")
        return await line()
    }

    func startTLS() async throws {
        let context = try TestIdentity.clientContext()
        try await channel.eventLoop.submit { [channel] in
            let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        }.get()
    }

    func logIn() async throws {
        _ = await line()
        _ = try await ask("USER tim@example.test")
        _ = try await ask("PASS tanstaaf")
    }

    func close() async { try? await channel.close() }
}

/// Cuts what arrives into lines and hands them out one by one.
private final class LineReader: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private struct State {
        var partial = ByteBuffer()
        var lines: [String] = []
        var isClosed = false
        var waiter: CheckedContinuation<String?, Never>?
    }

    private let state = Mutex(State())

    func next() async -> String? {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if !state.lines.isEmpty {
                    continuation.resume(returning: state.lines.removeFirst())
                } else if state.isClosed {
                    continuation.resume(returning: nil)
                } else {
                    state.waiter = continuation
                }
            }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        state.withLock { state in
            var bytes = unwrapInboundIn(data)
            state.partial.writeBuffer(&bytes)
            while let end = state.partial.readableBytesView.firstIndex(of: 0x0A) {
                let length = end - state.partial.readerIndex + 1
                let line = String(buffer: state.partial.readSlice(length: length) ?? ByteBuffer())
                // What ends without CRLF shows it, because that must not happen.
                state.lines.append(line.hasSuffix("\r\n") ? String(line.unicodeScalars.dropLast(2)) : line)
            }
            wake(&state)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.withLock { state in
            state.isClosed = true
            wake(&state)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func wake(_ state: inout State) {
        guard let waiter = state.waiter else { return }
        if !state.lines.isEmpty {
            state.waiter = nil
            waiter.resume(returning: state.lines.removeFirst())
        } else if state.isClosed {
            state.waiter = nil
            waiter.resume(returning: nil)
        }
    }
}
