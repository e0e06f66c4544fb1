import Glibc
import NIOCore
import NIOPosix

/// What the kernel knows of the process at the other end of a local socket: `struct ucred` (unix(7)).
private struct PeerCredentials {
    var process: pid_t = 0
    var user: uid_t = 0
    var group: gid_t = 0
}

extension Connection {
    /// The user who opened the other end of a local socket; nil for a socket of another kind.
    package func peerUser() async -> UInt32? {
        guard peer.isLocal, let provider = channel as? any SocketOptionProvider else { return nil }
        let credentials: EventLoopFuture<PeerCredentials> = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return try? await credentials.get().user
    }
}
