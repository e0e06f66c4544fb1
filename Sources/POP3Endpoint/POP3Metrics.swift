import Accounts
import Metrics

/// Counters, made once for the service.
struct POP3Metrics: Sendable {
    private let sessions = Counter(label: "martlet_pop3_sessions_total")
    private let retrievedMessages = Counter(label: "martlet_pop3_messages_retrieved_total")
    private let retrievedBytes = Counter(label: "martlet_pop3_bytes_retrieved_total")
    private let deletedMessages = Counter(label: "martlet_pop3_messages_deleted_total")
    private let loginsAccepted = POP3Metrics.logins("accepted")
    private let loginsInUse = POP3Metrics.logins("inuse")

    func sessionBegan() { sessions.increment() }

    func loginAccepted() { loginsAccepted.increment() }

    func loginFoundMaildropInUse() { loginsInUse.increment() }

    func loginRefused(_ failure: LoginFailure) { Self.logins(failure.label).increment() }

    /// TOP counts by its bytes only.
    func retrieved(bytes: Int, isWhole: Bool) {
        retrievedBytes.increment(by: bytes)
        if isWhole { retrievedMessages.increment() }
    }

    func deleted(_ count: Int) { deletedMessages.increment(by: count) }

    private static func logins(_ outcome: String) -> Counter {
        Counter(label: "martlet_pop3_logins_total", dimensions: [("outcome", outcome)])
    }
}
