import Bytes
import Crypto

/// A client of SCRAM-SHA-256 (RFC 5802 §3, RFC 7677 §3), written for these tests.
struct SCRAMClient {
    let user: String
    let password: String
    /// `n,,` or `p=name,,` with the data bound to.
    var header = "n,,"
    var binding: [UInt8] = []

    private var bare: String { "n=\(user),r=clientnonce" }

    var first: String { Base64.string((header + bare).utf8) }

    /// The answer to the server's first message, both in base64; nil if that cannot be read.
    func final(answering challenge: String) -> String? {
        guard let bytes = Base64.decode(challenge.utf8) else { return nil }
        let server = String(decoding: bytes, as: UTF8.self)
        let fields = server.split(separator: ",").map { String($0.dropFirst(2)) }
        guard fields.count == 3, let salt = Base64.decode(fields[1].utf8), let rounds = Int(fields[2]) else {
            return nil
        }
        let channel = Base64.string(Array(header.utf8) + binding)
        let withoutProof = "c=\(channel),r=\(fields[0])"
        let message = Array("\(bare),\(server),\(withoutProof)".utf8)
        var block = hmac(Array(password.utf8), salt + [0, 0, 0, 1])
        var salted = block
        for _ in 1..<rounds {
            block = hmac(Array(password.utf8), block)
            for index in salted.indices { salted[index] ^= block[index] }
        }
        let key = hmac(salted, Array("Client Key".utf8))
        let signature = hmac(Array(SHA256.hash(data: key)), message)
        let proof = Base64.string(zip(key, signature).map { $0 ^ $1 })
        return Base64.string("\(withoutProof),p=\(proof)".utf8)
    }

    private func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }
}
