import Accounts
import IMAPWire
import Metrics

/// Counters, made once for the service.
struct IMAPMetrics: Sendable {
    private let sessions = Counter(label: "martlet_imap_sessions_total")
    private let badCommands = Counter(label: "martlet_imap_bad_commands_total")
    private let appendedMessages = Counter(label: "martlet_imap_messages_appended_total")
    private let loginsAccepted = IMAPMetrics.logins("accepted")
    private let commands: [CommandKind: Counter] = Dictionary(
        uniqueKeysWithValues: CommandKind.allCases.map {
            ($0, Counter(label: "martlet_imap_commands_total", dimensions: [("command", $0.rawValue)]))
        })

    func began() { sessions.increment() }
    func failed() { badCommands.increment() }
    func appended(_ count: Int) { appendedMessages.increment(by: Int64(count)) }
    func loginAccepted() { loginsAccepted.increment() }
    func ran(_ kind: CommandKind) { commands[kind]?.increment() }
    func loginRefused(_ failure: LoginFailure) { Self.logins(failure.label).increment() }

    private static func logins(_ outcome: String) -> Counter {
        Counter(label: "martlet_imap_logins_total", dimensions: [("outcome", outcome)])
    }
}
