package import NIOCore

/// Tells a peer that there is no room, and closes. A TLS peer could not read the words, so it gets none.
package final class RefusalHandler: ChannelInboundHandler, Sendable {
    package typealias InboundIn = ByteBuffer

    private let text: String
    private let isTLS: Bool

    package init(text: String, isTLS: Bool) {
        self.text = text
        self.isTLS = isTLS
    }

    package func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        if isTLS {
            channel.close(promise: nil)
        } else {
            channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
