import HTTPEndpoint
import Logging
import MailStore
import Metrics
import NIOCore
import NIOPosix
import NIOSSL
import SessionIO

/// Makes HTTP and HTTPS listeners with all that is served on them.
struct HTTPDoor {
    let node: MailNode
    let certificates: CertificateKeeper?
    let registry: PrometheusRegistry
    let sessions: SessionServer
    let limits: ConnectionLimits

    func listener(for listener: Listener) -> HTTPListener {
        let configuration = node.configuration
        var settings = HTTPListener.Settings(host: listener.address, port: listener.port)
        settings.maximumConnections = limits.total
        settings.limits = limits
        settings.pace = sessions.policy.pace
        settings.idleTimeout = TimeAmount(configuration.http.headerTimeout)
        let shard = node.shard
        let status = StatusRoutes(
            name: configuration.hostName, metrics: configuration.http.metrics ? registry : nil,
            allowed: configuration.http.allow,
            readiness: {
                do throws(StoreError) {
                    _ = try await shard.queue.count()
                    return .ready
                } catch {
                    return .notReady(reason: "the store does not answer")
                }
            })
        var identity: (@Sendable () -> NIOSSLContext)?
        if listener.service.isImplicitTLS, let identities = certificates?.identities {
            identity = { identities.current.context }
        }
        return HTTPListener(
            settings, identity: identity, sessions: sessions, contributors: [status], metrics: MetricsSystem.factory,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "http"))
    }
}
