import Logging
import Metrics
import SMTPWire
import SessionIO

extension SMTPSession {
    /// STARTTLS (RFC 3207 §4). False if the handshake failed: the connection is closed then.
    func startTLS() async -> Bool {
        guard let identity = service.tls?.current else {
            reply(.notImplemented)
            return true
        }
        reply(.readyForTLS)
        // What the client sent ahead of the handshake is discarded by the connection.
        guard await connection.startTLS(identity, within: settings.handshakeTimeout) else {
            logger.info("TLS handshake failed")
            return false
        }
        service.metrics.tlsSessions.increment()
        machine.tlsBegan()
        account = nil
        registration = nil
        logger[metadataKey: "helo"] = nil
        return true
    }
}
