import SMTPWire

extension SMTPSession {
    /// VRFY: RFC 5321 §7.3 allows 252 to everything, so that nobody learns which addresses exist.
    func verify() { reply(Reply(.cannotVerify, .protocolOther, "Cannot verify; send the message and see")) }
}
