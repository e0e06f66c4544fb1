package import IMAPWire
package import NIOCore

/// What the configuration decides about IMAP.
package struct IMAPSettings: Sendable {
    /// Shown in the greeting.
    package var hostName: String
    /// Whether passwords may pass without TLS.
    package var allowsPlaintextAuthentication = false
    /// How long a session may go without logging in, whatever it sends.
    package var loginTimeout = TimeAmount.minutes(2)
    /// And after that (RFC 9051 §5.4: at least 30 minutes), IDLE included.
    package var idleTimeout = TimeAmount.minutes(30)
    package var handshakeTimeout = TimeAmount.seconds(30)
    /// Largest message of APPEND, in bytes, announced as APPENDLIMIT (RFC 7889).
    package var appendLimit = 64 << 20
    /// Most messages of one APPEND (RFC 3502).
    package var appendCount = 500
    /// Searches of one account at a time; more wait.
    package var searchesPerAccount = 4
    package var machine = SessionMachine.Limits()
    package var parser = ParserLimits()

    package init(hostName: String) {
        self.hostName = hostName
    }
}
