import SMTPWire

extension SMTPSession {
    /// EXPN: members of lists are nobody's business (RFC 5321 §7.3).
    func expand() {
        machine.failureCounted()
        reply(.notImplemented)
    }
}
