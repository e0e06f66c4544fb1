import Accounts
import HTTPEndpoint
import MailModel
import Metrics
import SessionIO
import Synchronization

/// The process's metrics: one registry for all that counts.
enum ServerMetrics {
    /// To be called once, before anything that counts is made.
    static func start() -> PrometheusRegistry {
        let registry = PrometheusRegistry()
        ProcessMetrics.add(to: registry)
        MetricsSystem.bootstrap(registry)
        return registry
    }

    /// What is read when somebody asks rather than counted.
    static func add(_ node: MailNode, _ sessions: SessionServer, to registry: PrometheusRegistry) {
        registry.addGauge("connections") { Double(sessions.connectionCount) }
        registry.addGauge("unauthenticated_connections") { Double(sessions.gate.unauthenticatedCount) }
        registry.addGauge("output_memory_bytes") { Double(sessions.policy.outputMemory.used) }
        registry.addGauge("intake_memory_bytes") { Double(sessions.policy.intakeMemory.used) }
        registry.addGauge("logged_in_sessions") { Double(node.sessions.count()) }
    }
}
