package import MailModel
package import NIOCore

/// What an administrator can set for SMTP listeners.
package struct SMTPSettings: Sendable {
    /// This host's name, in the greeting and in Received.
    package var hostname: String
    /// Reads mail for `<postmaster>` without a domain (RFC 5321 §4.5.1); nil: postmaster of the host's name or of the domain
    /// above it, whichever is ours.
    package var postmaster: EmailAddress?
    /// Largest message in octets.
    package var messageLimit: UInt64 = 50 << 20
    /// Recipients of one message; RFC 5321 §4.5.3.1.8 asks for at least 100.
    package var recipientLimit = 1000
    /// Passwords may cross a connection without TLS.
    package var allowsPlaintextAuthentication = false
    /// Submission needs TLS before anything else, even for mechanisms that protect themselves.
    package var demandsTLS = false
    /// How long the client may keep us waiting (RFC 5321 §4.5.3.2.7: at least five minutes).
    package var timeout: TimeAmount = .minutes(5)
    package var handshakeTimeout: TimeAmount = .seconds(30)
    /// How long a session may go on without a message taken; the time that content takes does not count.
    package var sessionTime: TimeAmount = .minutes(30)
    /// Errors in a row without a message delivered. From half of them on, each answer takes `errorDelay`.
    package var errorLimit = 20
    package var errorDelay: TimeAmount = .seconds(1)
    /// Commands since the last message taken that move no mail.
    package var idleLimit = 100
    /// Messages taken in one session; 0: any number.
    package var messageCountLimit = 0
    /// Failed logins on one connection.
    package var authenticationLimit = 5

    package init(hostname: String) { self.hostname = hostname }

    /// To be tried in order for `<postmaster>`.
    var postmasters: [EmailAddress] {
        if let postmaster { return [postmaster] }
        let labels = hostname.split(separator: ".")
        let domains = [hostname, labels.dropFirst().joined(separator: ".")]
        return domains.compactMap { EmailAddress(localPart: "postmaster", domain: $0) }
    }
}
