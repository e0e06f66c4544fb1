import Metrics
import SMTPWire

/// Counters of one listener, made once: making one costs a look-up in the registry.
struct SMTPMetrics: Sendable {
    let connections: Counter
    let live: Meter
    let accepted: Counter
    let receivedBytes: Counter
    let timeouts: Counter
    let loginsAccepted: Counter
    let tlsSessions: Counter
    private let commands: [Verb: Counter]
    private let positive: Counter
    private let transient: Counter
    private let permanent: Counter
    private let service: String

    init(service: String) {
        self.service = service
        let dimensions = [("service", service)]
        connections = Counter(label: "smtp_connections_total", dimensions: dimensions)
        live = Meter(label: "smtp_connections", dimensions: dimensions)
        accepted = Counter(label: "smtp_messages_accepted_total", dimensions: dimensions)
        receivedBytes = Counter(label: "smtp_content_bytes_total", dimensions: dimensions)
        timeouts = Counter(label: "smtp_timeouts_total", dimensions: dimensions)
        loginsAccepted = Counter(label: "smtp_logins_accepted_total", dimensions: dimensions)
        tlsSessions = Counter(label: "smtp_tls_sessions_total", dimensions: dimensions)
        var commands: [Verb: Counter] = [:]
        for verb in Verb.allCases {
            commands[verb] = Counter(
                label: "smtp_commands_total", dimensions: dimensions + [("command", verb.rawValue)])
        }
        self.commands = commands
        func replies(_ kind: String) -> Counter {
            Counter(label: "smtp_replies_total", dimensions: dimensions + [("class", kind)])
        }
        positive = replies("positive")
        transient = replies("transient")
        permanent = replies("permanent")
    }

    func count(_ verb: Verb) { commands[verb]?.increment() }

    func count(_ reply: Reply) {
        if reply.code.isPositive {
            positive.increment()
        } else if reply.code.isTransient {
            transient.increment()
        } else {
            permanent.increment()
        }
    }

    /// A sender, recipient or message was refused; `stage` is the command, `fault` says whose doing it was.
    func countRefusal(stage: String, fault: String) {
        let dimensions = [("service", service), ("stage", stage), ("fault", fault)]
        Counter(label: "smtp_refusals_total", dimensions: dimensions).increment()
    }

    /// A login failed; `label` is one of a small fixed set.
    func countLoginFailure(_ label: String) {
        Counter(label: "smtp_logins_failed_total", dimensions: [("service", service), ("cause", label)]).increment()
    }
}
