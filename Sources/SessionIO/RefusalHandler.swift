package import NIOCore
import Synchronization

/// Tells a peer that there is no room, and closes. A TLS peer could not read the words, so it gets none.
///
/// It closes after a second, as a client that comes again as soon as it is turned away would otherwise keep the server busy with
/// turning it away. Those who wait are few; beyond that, they go at once.
package final class RefusalHandler: ChannelInboundHandler, Sendable {
    package typealias InboundIn = ByteBuffer

    /// The refused peers of one server that are still connected.
    package final class Room: Sendable {
        static let places = 512
        private let taken = Atomic<Int>(0)

        package init() {}

        func enter() -> Bool {
            guard taken.wrappingAdd(1, ordering: .relaxed).newValue > Self.places else { return true }
            leave()
            return false
        }

        func leave() { taken.wrappingSubtract(1, ordering: .relaxed) }
    }

    static let delay = TimeAmount.seconds(1)

    private let text: String
    private let isTLS: Bool
    private let room: Room

    package init(text: String, isTLS: Bool, room: Room) {
        self.text = text
        self.isTLS = isTLS
        self.room = room
    }

    package func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        let written =
            isTLS ? context.eventLoop.makeSucceededVoidFuture() : channel.writeAndFlush(ByteBuffer(string: text))
        guard room.enter() else {
            written.whenComplete { _ in channel.close(promise: nil) }
            return
        }
        let close = context.eventLoop.scheduleTask(in: Self.delay) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { [room] _ in
            close.cancel()
            room.leave()
        }
    }
}
