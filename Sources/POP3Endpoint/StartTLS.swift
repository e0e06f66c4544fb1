import POP3Wire
import SessionIO

extension POP3Session {
    /// STLS (RFC 2595 §4). What the client sent after it in clear is discarded by `Connection.startTLS`.
    func startTLS(_ reply: POP3Reply) async -> Next {
        guard let identity = service.tls?.current else {
            self.reply(.error("TLS is not available.", code: .temporary))
            return .more
        }
        self.reply(reply)
        guard await connection.startTLS(identity, within: service.settings.handshakeTimeout) else { return .end }
        machine.tlsStarted(capabilities())
        return .more
    }
}
