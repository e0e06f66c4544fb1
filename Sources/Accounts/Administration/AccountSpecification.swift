import MailModel
package import MailStore

/// An account to be made.
package struct AccountSpecification: Hashable, Sendable {
    package enum Secret: Hashable, Sendable, Confidential {
        case password(String)
        /// A ready hash: Argon2id as a PHC string, SCRAM-SHA-256, or crypt(3)'s bcrypt, SHA-256, SHA-512 and yescrypt.
        case hash(String)
        /// Nobody can log in until a password is set.
        case none
    }

    package var address: String
    package var name: String
    /// In bytes; nil: none.
    package var quota: Int64?
    package var secret: Secret
    package var aliases: [String]

    package init(
        address: String, name: String = "", quota: Int64? = nil, secret: Secret = .none, aliases: [String] = []
    ) {
        self.address = address
        self.name = name
        self.quota = quota
        self.secret = secret
        self.aliases = aliases
    }
}

/// What is to be different about an account; nil leaves a property as it is.
package struct AccountChange: Hashable, Sendable {
    package var name: String?
    /// `.some(nil)` takes the limit away.
    package var quota: Int64??
    package var isEnabled: Bool?
    package var protocols: ProtocolSet?
    /// CIDR blocks; empty: from anywhere.
    package var networks: [String]?
    package var pop3: POP3Policy?
    package init() {}
}

/// What is to be different about a domain; nil leaves a property as it is.
package struct DomainChange: Hashable, Sendable {
    /// `.some(nil)` takes it away.
    package var catchAll: String??
    /// `.some(nil)`: no subaddresses.
    package var subaddressSeparator: Character??
    package init() {}
}
