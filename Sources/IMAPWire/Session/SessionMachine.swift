/// The states of a session (RFC 9051 §3) and what each command may do in them, without I/O.
///
/// The session asks `admit` before it runs a command and reports what became of it; each method answers with what to do.
/// How often a client may err is counted here too, so that it can be tested without a connection.
package struct SessionMachine: ~Copyable {
    package enum State: Hashable, Sendable {
        case notAuthenticated
        case authenticated
        case selected(isReadOnly: Bool)
        case loggedOut
    }

    package enum Admission: Hashable, Sendable {
        case proceed
        /// Answer BAD with this text (RFC 9051 §3: a command in the wrong state).
        case refuse(String)
        /// Answer NO with this code and text.
        case deny(ResponseCode?, String)
        /// The session is over: ignore it.
        case ignore
    }

    package enum AfterFailure: Hashable, Sendable {
        case goOn
        /// Say BYE and close.
        case disconnect
    }

    package struct Limits: Sendable {
        /// Commands answered BAD in a row, before authentication and after it.
        package var badBeforeLogin = 10
        package var badAfterLogin = 50
        /// Failed logins in one connection.
        package var failedLogins = 5

        package init() {}
    }

    package private(set) var state: State
    /// Whether passwords may be sent: TLS is on, or the configuration allows them without.
    package private(set) var allowsPasswords: Bool
    package private(set) var isEncrypted: Bool
    /// The client has shown that it knows mod-sequences (RFC 7162 §3.1): FETCH replies carry them.
    package private(set) var knowsModSequences = false

    private let limits: Limits
    private var badInARow = 0
    private var failedLogins = 0

    package init(isEncrypted: Bool, allowsPlaintextPasswords: Bool = false, limits: Limits = Limits()) {
        state = .notAuthenticated
        self.isEncrypted = isEncrypted
        allowsPasswords = isEncrypted || allowsPlaintextPasswords
        self.limits = limits
    }

    /// Whether `kind` may run now.
    package func admit(_ kind: CommandKind) -> Admission {
        let rule = kind.rule
        switch state {
        case .loggedOut: return .ignore
        case .notAuthenticated:
            guard rule.states.contains(.notAuthenticated) else { return .refuse("Log in first") }
        case .authenticated:
            guard rule.states.contains(.authenticated) else {
                return rule.states.contains(.selected)
                    ? .refuse("Select a mailbox first") : .refuse("Already logged in")
            }
        case .selected(let isReadOnly):
            guard rule.states.contains(.selected) else { return .refuse("Already logged in") }
            if rule.writes, isReadOnly { return .deny(nil, "The mailbox is selected read-only") }
        }
        if kind == .startTLS, isEncrypted { return .refuse("TLS is already on") }
        // RFC 9051 §6.2.3: LOGIN is disabled where the password would be readable.
        if kind == .login, !allowsPasswords {
            return .deny(.privacyRequired, "Passwords are accepted only over TLS: use STARTTLS first")
        }
        return .proceed
    }

    /// A command was understood; errors in a row start again at none.
    package mutating func succeeded() {
        badInARow = 0
    }

    /// A command was answered BAD.
    package mutating func failed() -> AfterFailure {
        badInARow += 1
        let limit = state == .notAuthenticated ? limits.badBeforeLogin : limits.badAfterLogin
        return badInARow >= limit ? .disconnect : .goOn
    }

    /// TLS is on now; whatever the client said before does not count (RFC 9051 §6.2.1).
    package mutating func encrypted() {
        isEncrypted = true
        allowsPasswords = true
        badInARow = 0
    }

    package mutating func authenticated() {
        guard state == .notAuthenticated else { return }
        state = .authenticated
        badInARow = 0
    }

    package mutating func authenticationFailed() -> AfterFailure {
        failedLogins += 1
        return failedLogins >= limits.failedLogins ? .disconnect : .goOn
    }

    /// A mailbox is selected.
    package mutating func selected(isReadOnly: Bool) {
        guard state != .notAuthenticated, state != .loggedOut else { return }
        state = .selected(isReadOnly: isReadOnly)
    }

    /// No mailbox is selected any more.
    package mutating func unselected() {
        if case .selected = state { state = .authenticated }
    }

    package mutating func loggedOut() {
        state = .loggedOut
    }

    /// A CONDSTORE enabling command was used (RFC 7162 §3.1). True if it is the first.
    package mutating func enabledModSequences() -> Bool {
        defer { knowsModSequences = true }
        return !knowsModSequences
    }
}
