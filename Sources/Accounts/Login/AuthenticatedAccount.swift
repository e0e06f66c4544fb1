package import MailStore

/// An account that somebody has proved to own. Only `Authenticator` makes these.
package struct AuthenticatedAccount: Hashable, Sendable {
    /// The row as it was at login.
    package let record: AccountRecord
    /// The credential that was used: when it goes, so does the session.
    package let credential: Int64
    /// `password`, or the name of an application password.
    package let label: String
    /// The registry's count of changes when the credential was read.
    let generation: UInt64

    init(record: AccountRecord, credential: Int64, label: String, generation: UInt64) {
        self.record = record
        self.credential = credential
        self.label = label
        self.generation = generation
    }
}
