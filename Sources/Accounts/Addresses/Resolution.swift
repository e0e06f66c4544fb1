package import MailModel

/// What becomes of mail for an address.
package enum Resolution: Hashable, Sendable {
    /// Ours, and these receive it: at least one. An alias may lead to both kinds.
    case deliverable(Destinations)
    /// The domain is not ours.
    case remote
    /// Our domain, but nobody there by this name.
    case unknown
    /// Everybody it would reach is switched off.
    case disabled
    /// An alias leads only to itself.
    case loop

    package struct Destinations: Hashable, Sendable {
        /// Each account once.
        package var local: [LocalRecipient] = []
        /// Each address once.
        package var remote: [EmailAddress] = []
        package init(local: [LocalRecipient] = [], remote: [EmailAddress] = []) {
            self.local = local
            self.remote = remote
        }
    }
}

/// An account that receives a message.
package struct LocalRecipient: Hashable, Sendable {
    package let account: AccountID
    /// The account's own address.
    package let address: EmailAddress
    /// The tag of `user+tag` (RFC 5233 §4 "detail"), as written; nil without one.
    package let detail: String?
    package init(account: AccountID, address: EmailAddress, detail: String? = nil) {
        self.account = account
        self.address = address
        self.detail = detail
    }
}
