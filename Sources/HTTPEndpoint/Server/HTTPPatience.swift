import Logging
import NIOCore
import NIOHTTPTypes
import SessionIO

/// Ends connections that send a body, or read an answer, slower than `PaceLimits` allow. (Waiting for a request's header is
/// bounded by `HTTPListener.Settings.idleTimeout`.)
final class HTTPPatience: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private static let interval = TimeAmount.seconds(10)

    private let limits: PaceLimits
    /// Called with why a connection is ended.
    private let note: (String) -> Void
    private var look: Scheduled<Void>?
    private var isReceiving = false
    private var received = 0
    private var acknowledged = 0
    private var sending = PaceMeter()
    private var taking = PaceMeter()

    init(_ limits: PaceLimits, note: @escaping (String) -> Void) {
        self.limits = limits
        self.note = note
    }

    func handlerRemoved(context: ChannelHandlerContext) { look?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        look?.cancel()
        look = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReceiving = true
            received = 0
            sending.reset()
            watch(context)
        case .body(let bytes): received += bytes.readableBytes
        case .end: isReceiving = false
        }
        context.fireChannelRead(data)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            taking.reset()
        } else {
            acknowledged = SendProgress.acknowledged(context.channel)
            watch(context)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Looks at the connection as long as there is something to wait for.
    private func watch(_ context: ChannelHandlerContext) {
        guard look == nil else { return }
        look = context.eventLoop.assumeIsolated().scheduleTask(in: Self.interval) { [self] in
            look = nil
            if isTooSlow(context) {
                SendProgress.abandon(context.channel)
                context.close(promise: nil)
            } else if isReceiving || !context.channel.isWritable {
                watch(context)
            }
        }
    }

    private func isTooSlow(_ context: ChannelHandlerContext) -> Bool {
        if isReceiving, context.channel.isWritable {
            let bytes = received
            received = 0
            guard sending.passed(Self.interval, bytes: bytes, limits, isShort: false) else { return false }
            note("sends too slowly")
            return true
        }
        guard !context.channel.isWritable else { return false }
        let now = SendProgress.acknowledged(context.channel)
        let bytes = max(now - acknowledged, 0)
        acknowledged = now
        guard taking.passed(Self.interval, bytes: bytes, limits, isShort: false) else { return false }
        note("reads too slowly")
        return true
    }
}
