import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// TLS before HTTP, with the certificate that is in force when the connection comes: a reload needs no restart.
/// (HummingbirdTLS keeps the one it was made with.)
struct CurrentCertificateChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let context: @Sendable () -> NIOSSLContext

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context()))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
