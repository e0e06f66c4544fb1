/// What a listener demands of its sessions, and what it tolerates.
package struct SessionRules: Hashable, Sendable {
    /// STARTTLS is offered.
    package var offersTLS: Bool
    /// Nothing but EHLO, NOOP, STARTTLS and QUIT before TLS (RFC 3207 §4).
    package var demandsTLS: Bool
    /// AUTH is known at all.
    package var offersAuthentication: Bool
    /// Submission: no mail before AUTH (RFC 6409 §4.3).
    package var demandsAuthentication: Bool
    /// Largest message in octets.
    package var messageLimit: UInt64
    /// Errors in a row without a message delivered, before the session is closed.
    package var errorLimit: Int
    /// Commands since the last message taken that move no mail, before the session is closed.
    package var idleLimit: Int
    /// Failed attempts at AUTH, before the session is closed.
    package var authenticationLimit: Int
    /// Messages taken before the client is asked to connect again; 0: any number.
    package var messageCountLimit: Int

    package init(
        offersTLS: Bool = false, demandsTLS: Bool = false, offersAuthentication: Bool = false,
        demandsAuthentication: Bool = false, messageLimit: UInt64 = 50 << 20, errorLimit: Int = 20,
        idleLimit: Int = 100,
        authenticationLimit: Int = 5, messageCountLimit: Int = 0
    ) {
        self.offersTLS = offersTLS
        self.demandsTLS = demandsTLS
        self.offersAuthentication = offersAuthentication
        self.demandsAuthentication = demandsAuthentication
        self.messageLimit = messageLimit
        self.errorLimit = errorLimit
        self.idleLimit = idleLimit
        self.authenticationLimit = authenticationLimit
        self.messageCountLimit = messageCountLimit
    }
}
