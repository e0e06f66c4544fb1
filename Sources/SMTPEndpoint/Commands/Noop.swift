import SMTPWire

extension SMTPSession {
    /// NOOP (RFC 5321 §4.1.1.9).
    func noop() { reply(.ok) }
}
