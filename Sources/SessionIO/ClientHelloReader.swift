import NIOCore

/// Stands in front of TLS and notes the client random of the connection's own ClientHello (RFC 8446 §4.1.2), by which its
/// secrets can be told from others'. All bytes pass unchanged.
final class ClientHelloReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Record header, handshake header, legacy version and random.
    private static let needed = 5 + 4 + 2 + 32

    private var start: [UInt8] = []
    private(set) var clientRandom: [UInt8]?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if start.count < Self.needed {
            start += unwrapInboundIn(data).readableBytesView.prefix(Self.needed - start.count)
            // 22 is a handshake record, 1 a ClientHello. One in smaller records than its own head just has no exporter.
            if start.count == Self.needed, start[0] == 22, start[5] == 1, Int(start[3]) << 8 | Int(start[4]) >= 38 {
                clientRandom = Array(start[11...])
            }
        }
        context.fireChannelRead(data)
    }
}
