import MailModel
package import SASLMechanisms

/// What `Authenticator.beginSCRAM` looked up, to be handed back with the outcome.
package struct SCRAMAttempt: Sendable {
    /// The account's own, or for a name that has none a stable fake.
    package let verifier: SCRAMVerifier
    let name: String
    /// Nil for a fake.
    let account: AccountID?
    let credential: Int64
    let authorizationID: String?
    let generation: UInt64
}
