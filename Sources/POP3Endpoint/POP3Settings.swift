package import NIOCore
package import POP3Wire

/// What the configuration decides about POP3.
package struct POP3Settings: Sendable {
    /// Shown in the greeting.
    package var hostName: String
    /// Whether passwords may pass without TLS.
    package var allowsPlaintextAuthentication = false
    /// How long a session may go without logging in, whatever it sends.
    package var loginTimeout = TimeAmount.minutes(2)
    /// Without a command for so long, a session is closed and nothing is deleted (RFC 1939 §3: at least ten minutes).
    package var idleTimeout = TimeAmount.minutes(10)
    package var handshakeTimeout = TimeAmount.seconds(30)
    package var limits = POP3Machine.Limits()
    /// The smallest retention any account may have, announced before login (RFC 2449 §6.7).
    package var smallestExpiry = POP3Expiry.days(0)

    package init(hostName: String) {
        self.hostName = hostName
    }
}
