/// How the sender says the body is made (RFC 6152 §2, RFC 3030 §3).
package enum BodyType: String, Hashable, Sendable {
    case sevenBit = "7BIT"
    case eightBit = "8BITMIME"
    case binary = "BINARYMIME"
}

/// How much of the message a failure report returns (RFC 3461 §4.3).
package enum ReturnContent: String, Hashable, Sendable {
    case full = "FULL"
    case headers = "HDRS"
}

/// Who first submitted the message, as the client vouches (RFC 4954 §5).
package enum SubmitterClaim: Hashable, Sendable {
    /// `AUTH=<>`: unknown, or not trusted.
    case unknown
    case mailbox(String)
}

/// The parameters of MAIL.
package struct MailParameters: Hashable, Sendable {
    /// SIZE (RFC 1870 §6): octets the client intends to send, its own estimate.
    package var size: UInt64?
    package var body: BodyType?
    /// SMTPUTF8 (RFC 6531 §3.4): addresses or headers may hold UTF-8.
    package var isInternationalised = false
    package var returnContent: ReturnContent?
    /// ENVID (RFC 3461 §4.4), decoded.
    package var envelopeID: String?
    package var submitter: SubmitterClaim?

    package init() {}
}
