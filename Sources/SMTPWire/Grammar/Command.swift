package import MailModel

/// One command, parsed; whether it is allowed now is the session machine's business.
package enum Command: Hashable, Sendable {
    /// HELO: the client's name for itself, unverified.
    case hello(String)
    /// EHLO: the client's name for itself, unverified.
    case extendedHello(String)
    case mail(ReversePath, MailParameters)
    case recipient(ForwardPath, RecipientParameters)
    case data
    /// BDAT (RFC 3030 §2): `size` octets follow at once.
    case chunk(size: UInt64, isLast: Bool)
    case reset
    case noop
    case quit
    case verify(String)
    case expand(String)
    case help(String)
    case startTLS
    case authenticate(AuthenticateCommand)

    package var verb: Verb {
        switch self {
        case .hello: .hello
        case .extendedHello: .extendedHello
        case .mail: .mail
        case .recipient: .recipient
        case .data: .data
        case .chunk: .chunk
        case .reset: .reset
        case .noop: .noop
        case .quit: .quit
        case .verify: .verify
        case .expand: .expand
        case .help: .help
        case .startTLS: .startTLS
        case .authenticate: .authenticate
        }
    }
}

/// AUTH (RFC 4954 §4).
package struct AuthenticateCommand: Hashable, Sendable {
    /// In capitals.
    package let mechanism: String
    /// Decoded; nil if the client sent none, empty if it sent `=`.
    package let initialResponse: Secret<[UInt8]>?

    package init(mechanism: String, initialResponse: [UInt8]?) {
        self.mechanism = mechanism
        self.initialResponse = initialResponse.map { Secret($0) }
    }
}
