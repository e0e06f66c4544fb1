package import NIOSSL
import Synchronization

/// A server certificate ready for handshakes.
package struct TLSIdentity: Sendable {
    package let context: NIOSSLContext
    /// The channel binding `tls-server-end-point` (RFC 5929 §4): the hash of the certificate.
    package let serverEndPoint: [UInt8]
    /// Where the context reports exporter secrets to; nil: it does not.
    package let exporterSecrets: ExporterSecrets?

    package init(context: NIOSSLContext, serverEndPoint: [UInt8], exporterSecrets: ExporterSecrets? = nil) {
        self.context = context
        self.serverEndPoint = serverEndPoint
        self.exporterSecrets = exporterSecrets
    }
}

/// The identity in force; replaced on reload, while running connections keep theirs.
package final class TLSIdentitySource: Sendable {
    private let identity: Mutex<TLSIdentity>

    package init(_ identity: TLSIdentity) { self.identity = Mutex(identity) }

    package var current: TLSIdentity { identity.withLock { $0 } }

    package func replace(with new: TLSIdentity) { identity.withLock { $0 = new } }
}

/// What is known of a finished handshake.
package struct TLSSession: Hashable, Sendable {
    /// `TLSv1.2` or `TLSv1.3`.
    package let version: String
    package let serverEndPoint: [UInt8]
    /// The channel binding `tls-exporter` (RFC 9266); TLS 1.3 only.
    package let exporter: [UInt8]?

    package init(version: String, serverEndPoint: [UInt8], exporter: [UInt8]?) {
        self.version = version
        self.serverEndPoint = serverEndPoint
        self.exporter = exporter
    }

    /// What SCRAM may bind to (RFC 5802 §6). Nothing without an exporter: a client that sees an offer of -PLUS wants
    /// `tls-exporter` under TLS 1.3 and `tls-unique` under TLS 1.2, and would fail rather than do without.
    package var channelBindings: [(name: String, bytes: [UInt8])] {
        guard let exporter else { return [] }
        return [("tls-exporter", exporter), ("tls-server-end-point", serverEndPoint)]
    }
}
