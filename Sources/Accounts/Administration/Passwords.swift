import MailModel
package import MailStore
import SASLMechanisms

extension AccountAdministration {
    /// Sets the account's main password; sessions that used the old one end.
    package func setPassword(_ password: String, account text: String, actor: Actor) async throws(AdministrationError) {
        try await replaceSecret(.password(password), account: text, actor: actor)
    }

    /// Sets the main password from a ready hash.
    package func setPasswordHash(_ hash: String, account text: String, actor: Actor) async throws(AdministrationError) {
        try await replaceSecret(.hash(hash), account: text, actor: actor)
    }

    private func replaceSecret(
        _ secret: AccountSpecification.Secret, account text: String, actor: Actor
    ) async throws(AdministrationError) {
        let record = try await account(text)
        let credentials = try await credentials(for: secret, of: record.address)
        try await store { () async throws(StoreError) in
            try await self.directory.setCredentials(
                credentials, of: record.id, replacing: .label(Self.mainLabel), actor: actor)
        }
    }

    static var mainLabel: String { "password" }

    func credentials(
        for secret: AccountSpecification.Secret, of address: EmailAddress
    ) async throws(AdministrationError) -> [NewCredential] {
        switch secret {
        case .none:
            return []
        case .hash(let text):
            return [try Self.credential(hash: text)]
        case .password(let password):
            if let objection = policy.objection(to: password, of: address) {
                throw AdministrationError(.invalidPassword, objection.message, remedy: objection.remedy)
            }
            let made: [NewCredential]?
            do throws(HashingPool.Overloaded) {
                made = try await hasher.credentials(for: password, label: Self.mainLabel)
            } catch {
                throw AdministrationError(
                    .unavailable, "too many passwords are being hashed", remedy: "try again later")
            }
            guard let made else {
                throw AdministrationError(
                    .invalidPassword, "the password has characters that passwords cannot have",
                    remedy: "leave out control characters")
            }
            return made
        }
    }

    /// The kinds other servers export, with or without the prefix some of them write.
    static func credential(hash text: String) throws(AdministrationError) -> NewCredential {
        var plain = text[...]
        for prefix in ["{ARGON2ID}", "{BLF-CRYPT}", "{SHA512-CRYPT}", "{SHA256-CRYPT}", "{CRYPT}"]
        where plain.hasPrefix(prefix) {
            plain = plain.dropFirst(prefix.count)
            break
        }
        if Argon2Hash.isAcceptable(String(plain)) {
            return NewCredential(kind: .argon2id, verifier: String(plain), label: mainLabel)
        }
        if let scram = SCRAMVerifier(text: text) {
            return NewCredential(kind: .scramSHA256, verifier: scram.text, label: mainLabel)
        }
        if CryptHash.isAvailable, CryptHash.isAcceptable(String(plain)) {
            return NewCredential(kind: .importedHash, verifier: String(plain), label: mainLabel)
        }
        throw AdministrationError(
            .invalidPasswordHash, "the password hash is of no kind that can be checked here",
            remedy: "use $argon2id$…, SCRAM-SHA-256$…, $2y$…, $5$…, $6$… or $y$…")
    }
}
