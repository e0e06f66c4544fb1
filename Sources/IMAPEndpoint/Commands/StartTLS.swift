import IMAPWire
import NIOCore
import SessionIO

extension IMAPSession {
    /// STARTTLS (RFC 9051 §6.2.1). What came behind it in the clear is thrown away by `Connection.startTLS`.
    func startTLS(_ tag: String) async -> Completion? {
        guard let tls = service.tls else { return .no("TLS is not configured here", code: .cannot) }
        connection.output.writeIMAPTagged(tag, .ok, "Begin TLS negotiation now")
        guard await connection.startTLS(tls.current, within: service.settings.handshakeTimeout) else {
            abort()
            return nil
        }
        parser = CommandParser(limits: .unauthenticated)
        machine.encrypted()
        return nil
    }
}
