package import MailModel
package import MailStore
import SASLMechanisms

/// Makes and checks what is stored instead of passwords, on a bounded pool.
package final class PasswordHasher: Sendable {
    private let pool: HashingPool
    private let cost: Argon2Hash.Cost
    /// Of new SCRAM verifiers, and so of those made up for names that have none.
    let iterations: Int
    /// Checked for users who do not exist, so that they take as long as those who do. Nothing fits it.
    private let decoy: String

    package init(
        pool: HashingPool = HashingPool(), cost: Argon2Hash.Cost = Argon2Hash.Cost(),
        iterations: Int = SCRAMVerifier.defaultIterations
    ) {
        self.pool = pool
        self.cost = cost
        self.iterations = iterations
        decoy = Argon2Hash.make(Randomness.nonce(), salt: Randomness.bytes(16), cost: cost) ?? ""
    }

    /// Both verifiers of a new password, Argon2id and SCRAM-SHA-256. Nil if the text cannot be a password (RFC 4013).
    package func credentials(
        for password: String, label: String, scope: ProtocolSet = .all, expires: Timestamp? = nil
    ) async throws(HashingPool.Overloaded) -> [NewCredential]? {
        let (cost, iterations) = (cost, iterations)
        return try await pool.run {
            guard let prepared = SASLPrep.prepare(password), !prepared.isEmpty,
                let argon2 = Argon2Hash.make(prepared, salt: Randomness.bytes(16), cost: cost),
                let scram = SCRAMVerifier.make(
                    password: prepared, salt: Randomness.bytes(SCRAMVerifier.saltLength), iterations: iterations)
            else { return nil }
            return [
                NewCredential(kind: .argon2id, verifier: argon2, label: label, scope: scope, expires: expires),
                NewCredential(kind: .scramSHA256, verifier: scram.text, label: label, scope: scope, expires: expires),
            ]
        }
    }

    /// The SCRAM verifier alone, for an account whose imported hash just turned out right.
    func scram(for password: String, like credential: NewCredential) async throws(HashingPool.Overloaded)
        -> NewCredential?
    {
        let iterations = iterations
        let verifier = try await pool.run {
            SCRAMVerifier.make(
                password: password, salt: Randomness.bytes(SCRAMVerifier.saltLength), iterations: iterations)
        }
        guard let verifier else { return nil }
        return NewCredential(
            kind: .scramSHA256, verifier: verifier.text, label: credential.label, scope: credential.scope,
            expires: credential.expires)
    }

    /// The first of `candidates` that `password` (prepared) fits. With none, a decoy is checked for the same time.
    func match(
        _ password: String, _ candidates: [CredentialRecord]
    ) async throws(HashingPool.Overloaded) -> CredentialRecord? {
        let decoy = decoy
        return try await pool.run {
            if candidates.isEmpty { _ = Argon2Hash.matches(password, decoy) }
            return candidates.first { Self.matches(password, $0.credential) }
        }
    }

    private static func matches(_ password: String, _ credential: NewCredential) -> Bool {
        switch credential.kind {
        case .argon2id: Argon2Hash.matches(password, credential.verifier)
        case .scramSHA256: SCRAMVerifier(text: credential.verifier)?.matches(password: password) ?? false
        case .importedHash: CryptHash.matches(password, credential.verifier)
        }
    }
}
