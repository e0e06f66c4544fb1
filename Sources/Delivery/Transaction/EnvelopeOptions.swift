/// Parameters of MAIL FROM, checked for syntax by the caller.
package struct SenderOptions: Hashable, Sendable {
    /// SIZE (RFC 1870 §6), in bytes.
    package var size: Int?
    /// BODY (RFC 6152 §3, RFC 3030 §3): `7BIT`, `8BITMIME` or `BINARYMIME`.
    package var body: String?
    /// SMTPUTF8 (RFC 6531 §3.4).
    package var smtpUTF8: Bool
    /// RET and ENVID (RFC 3461 §4.3 and §4.4), as received.
    package var returnContent: String?
    package var envelopeID: String?

    package init(
        size: Int? = nil, body: String? = nil, smtpUTF8: Bool = false, returnContent: String? = nil,
        envelopeID: String? = nil
    ) {
        self.size = size
        self.body = body
        self.smtpUTF8 = smtpUTF8
        self.returnContent = returnContent
        self.envelopeID = envelopeID
    }
}

/// Parameters of RCPT TO, as received (RFC 3461 §4.1 and §4.2).
package struct RecipientOptions: Hashable, Sendable {
    package var notify: String?
    package var originalRecipient: String?

    package init(notify: String? = nil, originalRecipient: String? = nil) {
        self.notify = notify
        self.originalRecipient = originalRecipient
    }
}
