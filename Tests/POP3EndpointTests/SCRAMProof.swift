import Bytes
import Crypto

/// A client's proof (RFC 5802 §3) for salt 1…16 and 100 iterations, as the test account has.
enum SCRAMProof {
    static func make(_ password: String, _ bare: String, _ challenge: String, _ withoutProof: String) -> String {
        var block = hmac(Array(password.utf8), Array(1...16) + [0, 0, 0, 1])
        var salted = block
        for _ in 1..<100 {
            block = hmac(Array(password.utf8), block)
            for index in salted.indices { salted[index] ^= block[index] }
        }
        let clientKey = hmac(salted, Array("Client Key".utf8))
        let signed = Array("\(bare),\(challenge),\(withoutProof)".utf8)
        let signature = hmac(Array(SHA256.hash(data: clientKey)), signed)
        return Base64.string(zip(clientKey, signature).map { $0 ^ $1 })
    }

    private static func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }
}
