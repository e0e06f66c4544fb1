package import MailStore

/// Where a login comes from, as far as the decision depends on it.
package struct LoginContext: Hashable, Sendable {
    /// One member: the protocol that is to be opened.
    package var service: ProtocolSet
    /// Nil for a local pipe, which is treated like loopback.
    package var peer: PeerAddress?
    package var isEncrypted: Bool
    /// The connection's id, for the log.
    package var session: String

    package init(service: ProtocolSet, peer: PeerAddress?, isEncrypted: Bool, session: String) {
        self.service = service
        self.peer = peer
        self.isEncrypted = isEncrypted
        self.session = session
    }
}
