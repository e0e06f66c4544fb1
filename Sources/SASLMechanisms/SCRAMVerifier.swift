import Bytes
import Crypto
import CryptoExtras
import MailModel

/// What a server keeps instead of a password for SCRAM-SHA-256 (RFC 5802 §3): enough to check a proof and to prove
/// itself, not enough to log in elsewhere.
package struct SCRAMVerifier: Hashable, Sendable, Confidential {
    /// Above the 4,096 that RFC 7677 §4 calls the least, about a millisecond for us.
    package static let defaultIterations = 10_000
    /// What we generate; others' salts may have any length from 1 to 1,024.
    package static let saltLength = 16
    /// Above this a stored value is refused: one check would take seconds.
    package static let iterationLimit = 2_000_000

    package let salt: [UInt8]
    package let iterations: Int
    package let storedKey: [UInt8]
    package let serverKey: [UInt8]

    /// Parts from elsewhere. Nil if a key has not 32 bytes or salt or iterations are out of range.
    package init?(salt: [UInt8], iterations: Int, storedKey: [UInt8], serverKey: [UInt8]) {
        guard (1...1024).contains(salt.count), (1...Self.iterationLimit).contains(iterations),
            storedKey.count == SHA256.byteCount, serverKey.count == SHA256.byteCount
        else { return nil }
        self.salt = salt
        self.iterations = iterations
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// The verifier of a new password; `salt` is 16 fresh random bytes. Costs about 0.1 µs per iteration, so run it off
    /// the event loop. Nil if RFC 4013 does not allow the password or salt or iterations are out of range.
    package static func make(
        password: String, salt: [UInt8], iterations: Int = defaultIterations
    ) -> SCRAMVerifier? {
        guard (1...1024).contains(salt.count), (1...iterationLimit).contains(iterations),
            let prepared = SASLPrep.prepare(password), !prepared.isEmpty,
            let salted = saltedPassword(prepared, salt: salt, iterations: iterations)
        else { return nil }
        let clientKey = hmac(salted, Array("Client Key".utf8))
        return SCRAMVerifier(
            salt: salt, iterations: iterations, storedKey: Array(SHA256.hash(data: clientKey)),
            serverKey: hmac(salted, Array("Server Key".utf8)))
    }

    /// What an unknown user appears to have: the same at every attempt, so that nobody can tell (RFC 5802 §9 names the
    /// leak). No proof fits it.
    package static func fake(
        user: String, serverSecret: [UInt8], iterations: Int = defaultIterations
    ) -> SCRAMVerifier {
        let seed = hmac(serverSecret, Array("martlet scram salt\0".utf8) + Array(user.utf8))
        return SCRAMVerifier(
            unchecked: Array(seed.prefix(saltLength)), iterations: min(max(iterations, 1), iterationLimit),
            storedKey: hmac(seed, Array("stored".utf8)), serverKey: hmac(seed, Array("server".utf8)))
    }

    private init(unchecked salt: [UInt8], iterations: Int, storedKey: [UInt8], serverKey: [UInt8]) {
        self.salt = salt
        self.iterations = iterations
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// Whether this is the verifier of `password`: for PLAIN and LOGIN where no other hash is kept. As slow as `make`.
    package func matches(password: String) -> Bool {
        guard let candidate = Self.make(password: password, salt: salt, iterations: iterations) else { return false }
        return Self.constantTimeEqual(candidate.storedKey, storedKey)
    }

    /// Whether `proof` came from somebody who knows the password: H(proof XOR HMAC(StoredKey, message)) is StoredKey.
    func accepts(proof: [UInt8], authMessage: [UInt8]) -> Bool {
        guard proof.count == SHA256.byteCount else { return false }
        let clientSignature = Self.hmac(storedKey, authMessage)
        let clientKey = zip(proof, clientSignature).map { $0 ^ $1 }
        return Self.constantTimeEqual(Array(SHA256.hash(data: clientKey)), storedKey)
    }

    func serverSignature(authMessage: [UInt8]) -> [UInt8] { Self.hmac(serverKey, authMessage) }

    static func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }

    /// Hi() of RFC 5802 §2.2, which is PBKDF2 with one block of output.
    static func saltedPassword(_ password: String, salt: [UInt8], iterations: Int) -> [UInt8]? {
        // The checked form refuses fewer than 210,000 rounds; SCRAM's count is the protocol's to choose.
        let key = try? KDF.Insecure.PBKDF2.deriveKey(
            from: Array(password.utf8), salt: salt, using: .sha256, outputByteCount: SHA256.byteCount,
            unsafeUncheckedRounds: iterations)
        return key?.withUnsafeBytes { Array($0) }
    }

    /// Takes the same time wherever the first difference is.
    static func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
