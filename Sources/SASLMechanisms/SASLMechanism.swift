/// The mechanisms a server of ours offers (RFC 4422 §4), strongest first.
package enum SASLMechanism: String, CaseIterable, Hashable, Sendable {
    /// RFC 7677, bound to the TLS channel.
    case scramSHA256Plus = "SCRAM-SHA-256-PLUS"
    /// RFC 7677.
    case scramSHA256 = "SCRAM-SHA-256"
    /// RFC 4616.
    case plain = "PLAIN"
    /// Never standardised, but what old clients speak: user name and password as answers to two prompts.
    case login = "LOGIN"

    /// The mechanism a client named, compared without case.
    package init?(name: some StringProtocol) {
        self.init(rawValue: name.uppercased())
    }

    /// Whether the client hands over the password itself, so that only an encrypted channel may carry it.
    package var revealsPassword: Bool {
        switch self {
        case .plain, .login: true
        case .scramSHA256, .scramSHA256Plus: false
        }
    }

    /// What to announce, in order of preference.
    ///
    /// - Parameters:
    ///   - passwordsAllowed: whether the channel is encrypted, or the configuration lets passwords pass without.
    ///   - channelBindings: what the TLS layer can bind to; without any, there is no -PLUS (RFC 5802 §6).
    package static func offered(passwordsAllowed: Bool, channelBindings: [SASLChannelBinding]) -> [SASLMechanism] {
        allCases.filter { mechanism in
            if mechanism == .scramSHA256Plus { return !channelBindings.isEmpty }
            return passwordsAllowed || !mechanism.revealsPassword
        }
    }
}

/// Bytes that both ends of one TLS connection know and a relay in the middle cannot have (RFC 5056 §2).
package struct SASLChannelBinding: Hashable, Sendable {
    /// The registered name: `tls-exporter` (RFC 9266) or `tls-server-end-point` (RFC 5929 §4).
    package let name: String
    package let bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}
