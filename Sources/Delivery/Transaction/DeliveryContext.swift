package import Accounts

/// Who hands over a message, and how: what trace headers and decisions need to know about the session.
package struct DeliveryContext: Sendable {
    package enum Kind: Hashable, Sendable {
        /// From another host: for our addresses only.
        case reception
        /// From a user: to anywhere, but only as themselves. `account` is set.
        case submission
        /// Made by this server.
        case local
    }

    package var kind: Kind
    /// The connection's id, for log and trace.
    package var session: String
    package var peer: PeerAddress?
    /// What the client said in HELO or EHLO.
    package var helo: String
    /// The protocol as Received names it: `SMTP`, `ESMTP`, `ESMTPS`, `ESMTPSA`, `UTF8SMTPS`, … (RFC 3848, RFC 6531 §4.3).
    package var protocolName: String
    /// Version and cipher for the Received line, such as `TLS1.3 TLS_AES_128_GCM_SHA256`; nil without TLS.
    package var tls: String?
    package var account: AuthenticatedAccount?

    package init(
        kind: Kind, session: String, peer: PeerAddress?, helo: String, protocolName: String, tls: String? = nil,
        account: AuthenticatedAccount? = nil
    ) {
        self.kind = kind
        self.session = session
        self.peer = peer
        self.helo = helo
        self.protocolName = protocolName
        self.tls = tls
        self.account = account
    }
}
