import SMTPWire

extension SMTPSession {
    /// RSET (RFC 5321 §4.1.1.5): forgets the transaction, not the login or the name.
    func reset() async {
        await dropTransaction()
        reply(.ok)
    }
}
