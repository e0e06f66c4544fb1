/// What a listener is for.
package enum SMTPListenerKind: String, Hashable, Sendable, CaseIterable {
    /// Port 25: mail from other hosts, for our own addresses.
    case reception = "smtp"
    /// Port 587 (RFC 6409): mail from our users; TLS by STARTTLS.
    case submission
    /// Port 465 (RFC 8314 §3.3): the same, with TLS from the first byte.
    case submissions

    /// Whether it serves our own users, who log in.
    package var isSubmission: Bool { self != .reception }
}
