import MailStore

/// Why an administrative request was refused, in the three fields that scripts get as JSON.
package struct AdministrationError: Error, Hashable, Sendable, Encodable {
    package enum Code: String, Sendable, Encodable {
        case invalidAddress, invalidDomain, invalidPassword, invalidPasswordHash, invalidValue
        case noSuchDomain, noSuchAccount, noSuchAlias
        case alreadyExists, domainInUse, overLimit, unavailable
    }

    /// Stable; scripts compare it.
    package let error: Code
    /// Names the thing and what is wrong with it.
    package let message: String
    /// What to do about it; empty if there is nothing to add.
    package let remedy: String

    package init(_ error: Code, _ message: String, remedy: String = "") {
        self.error = error
        self.message = message
        self.remedy = remedy
    }

    /// Whether the same request may succeed later (exit status 75).
    package var isTransient: Bool { error == .unavailable }

    init(_ error: StoreError) {
        switch error {
        case .notFound(let what): self.init(.noSuchAccount, "not found: \(what)")
        case .alreadyExists(let what): self.init(.alreadyExists, "exists already: \(what)")
        case .limit(let what): self.init(.overLimit, "limit reached: \(what)")
        case .notAllowed(let what): self.init(.invalidValue, "not allowed: \(what)")
        case .overQuota: self.init(.overLimit, "the quota would be exceeded")
        case .diskFull(let what):
            self.init(.unavailable, "the disk is full: \(what)", remedy: "make room on the disk of the data folder")
        case .locked(let what), .unavailable(let what):
            self.init(.unavailable, "the store cannot answer now: \(what)", remedy: "try again later")
        case .damaged(let what):
            self.init(.unavailable, "stored data is damaged: \(what)", remedy: "run `martlet verify`")
        }
    }
}
