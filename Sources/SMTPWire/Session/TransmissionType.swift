/// The word after `with` in Received (RFC 3848, RFC 6531 §4.3).
package enum TransmissionType {
    /// `SMTP`, `ESMTP`, `ESMTPSA`, `UTF8SMTPS`…: how the message came.
    package static func name(isExtended: Bool, isEncrypted: Bool, isAuthenticated: Bool, isInternationalised: Bool)
        -> String
    {
        guard isExtended || isInternationalised else { return "SMTP" }
        return (isInternationalised ? "UTF8SMTP" : "ESMTP") + (isEncrypted ? "S" : "") + (isAuthenticated ? "A" : "")
    }
}
