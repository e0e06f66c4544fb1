package import NIOSSL
import Synchronization

/// A server certificate ready for handshakes.
package struct TLSIdentity: Sendable {
    package let context: NIOSSLContext
    /// The channel binding `tls-server-end-point` (RFC 5929 §4): the hash of the certificate.
    package let serverEndPoint: [UInt8]

    package init(context: NIOSSLContext, serverEndPoint: [UInt8]) {
        self.context = context
        self.serverEndPoint = serverEndPoint
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
}
