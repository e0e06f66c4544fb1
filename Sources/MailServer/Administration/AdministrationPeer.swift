import Glibc
import SessionIO

/// Who may administer: the user whom the server runs as, and root. The socket's mode says the same; but a mode can be changed,
/// and a folder moved to where modes mean nothing.
enum AdministrationPeer {
    static func mayAdminister(_ connection: Connection) async -> Bool {
        guard let user = await connection.peerUser() else { return false }
        return user == 0 || user == geteuid()
    }
}
