import Logging
import NIOCore
import NIOTLS

/// The channel's end of a `Connection`: passes on what happens and decides nothing.
///
/// `@unchecked Sendable`: holds one reference that never changes; NIO calls it on the channel's event loop only.
final class ConnectionHandler: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: Connection
    private let start: @Sendable (Connection) -> Void

    init(_ connection: Connection, start: @escaping @Sendable (Connection) -> Void) {
        self.connection = connection
        self.start = start
    }

    func handlerAdded(context: ChannelHandlerContext) { connection.attached(context) }

    func handlerRemoved(context: ChannelHandlerContext) { connection.detached() }

    // Not in the channel initializer: there the channel is not active yet, and a greeting written would be lost.
    func channelActive(context: ChannelHandlerContext) {
        start(connection)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        connection.received(&bytes)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        connection.readCompleted()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        connection.writabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: connection.inputClosed()
        case TLSUserEvent.handshakeCompleted: connection.handshakeFinished(true)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.closed()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.logger.debug("connection failed", metadata: ["cause": "\(error)"])
        connection.handshakeFinished(false)
        context.close(promise: nil)
    }
}
