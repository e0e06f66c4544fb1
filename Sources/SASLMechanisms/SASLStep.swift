import MailModel

/// What the server does next in an exchange; every protocol codes it in its own way.
package enum SASLStep: Hashable, Sendable {
    /// Send these bytes (in base64) and pass the client's answer to `respond`. May be empty.
    case challenge([UInt8])
    /// The client is done; it is who it says if this password is right. The exchange has ended.
    case verifyPassword(SASLPassword)
    /// Look up the verifier of `authenticationID` and hand it to `provide`; for a user who has none, `SCRAMVerifier.fake`.
    case needVerifier(SASLIdentity)
    /// The client has proved that it knows the password. The exchange has ended.
    case success(SASLIdentity)
    /// The exchange has ended.
    case failure(SASLFailure)
}

/// Who a client says it is, each name prepared (RFC 4013).
package struct SASLIdentity: Hashable, Sendable {
    /// Whose password or key was used.
    package let authenticationID: String
    /// Whom the client wants to act as; nil means the same (RFC 4422 §3.4.1).
    package let authorizationID: String?

    package init(authenticationID: String, authorizationID: String? = nil) {
        self.authenticationID = authenticationID
        self.authorizationID = authorizationID == authenticationID ? nil : authorizationID
    }
}

/// An identity and the password that is to prove it.
package struct SASLPassword: Hashable, Sendable, Confidential {
    package let identity: SASLIdentity
    /// Prepared (RFC 4013).
    package let password: String

    package init(identity: SASLIdentity, password: String) {
        self.identity = identity
        self.password = password
    }

    /// Without the password, so that no log line can leak it.
    package var description: String { "password of \(identity.authenticationID)" }
}

/// Why an exchange failed: for logs and metrics. Clients are told only `isMalformed` from the rest.
package enum SASLFailure: String, Hashable, Sendable, Error {
    /// Not the mechanism's syntax, or bytes that are no UTF-8.
    case malformed
    /// A name or password that RFC 4013 does not allow.
    case invalidCredentialText
    /// Longer than `SASLServerExchange.responseLimit`.
    case tooLong
    /// The client demands an extension we do not know (RFC 5802 §5.1, attribute m).
    case extensionNotSupported
    /// The client believes we offer no channel binding, but we do: somebody edited our list (RFC 5802 §6).
    case downgrade
    /// A channel binding that this connection does not have, or none where -PLUS was chosen.
    case channelBindingNotSupported
    /// The client sees another TLS channel than we do.
    case channelBindingMismatch
    /// Wrong password, or a user who does not exist.
    case invalidProof
    /// A step was taken that this exchange was not waiting for.
    case outOfOrder

    /// Whether the message was at fault (a syntax error for the client), not the credentials.
    package var isMalformed: Bool {
        switch self {
        case .malformed, .tooLong, .extensionNotSupported, .outOfOrder: true
        default: false
        }
    }
}
