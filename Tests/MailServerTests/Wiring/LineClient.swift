import NIOCore
import NIOPosix

/// A plain-text client that asks one line and reads until the answer is whole.
final class LineClient {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var buffer = ByteBuffer()

    private init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    /// Connects to a loopback port for the length of `body`.
    static func connected(to port: Int?, _ body: (LineClient) async throws -> Void) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port ?? 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { try await body(LineClient($0, $1)) }
    }

    /// Sends `text` (nil: nothing) and returns what comes up to and with the first line that begins with one of `ends`.
    func ask(_ text: String?, until ends: String...) async throws -> String { try await ask(text, untilAny: ends) }

    func ask(_ text: String?, untilAny ends: [String]) async throws -> String {
        if let text { try await outbound.write(ByteBuffer(string: text + "\r\n")) }
        var answer = ""
        while true {
            while let end = buffer.readableBytesView.firstIndex(of: 0x0A) {
                let line = buffer.readString(length: end - buffer.readerIndex + 1) ?? ""
                answer += line
                if ends.contains(where: { line.hasPrefix($0) }) { return answer }
            }
            guard var piece = try await inbound.next() else { return answer }
            buffer.writeBuffer(&piece)
        }
    }
}
