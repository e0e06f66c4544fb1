import SMTPWire

extension SMTPSession {
    /// QUIT (RFC 5321 §4.1.1.10): the reply leaves with the closing.
    func quit() async {
        await dropTransaction()
        reply(.closing)
    }
}
