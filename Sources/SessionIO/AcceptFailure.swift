package import Logging
package import NIOCore

/// What a listener does when the system gives it no connection, as when there are no descriptors left: it pauses for a second
/// instead of failing as fast as it can, and says so once a minute.
package enum AcceptFailure {
    /// For the pipeline of a listener.
    package static func addHandlers(to channel: any Channel, logger: Logger) throws {
        try channel.pipeline.syncOperations.addHandlers([AcceptBackoffHandler(), FailureLog(logger: logger)])
    }

    private final class FailureLog: ChannelInboundHandler {
        typealias InboundIn = any Channel

        private let logger: Logger
        private var quietUntil = NIODeadline.uptimeNanoseconds(0)

        init(logger: Logger) { self.logger = logger }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            guard context.eventLoop.now >= quietUntil else { return }
            quietUntil = context.eventLoop.now + .minutes(1)
            logger.error(
                "connections cannot be accepted; trying again each second",
                metadata: ["cause": "\(error)", "remedy": "raise the limit of open files, or lower limits.connections"])
        }
    }
}
