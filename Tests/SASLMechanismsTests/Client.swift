import Bytes
import Crypto
import SASLMechanisms

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
func challenge(_ text: String) -> SASLStep { .challenge(bytes(text)) }

/// A SCRAM client, written from RFC 5802 §3 independently of the server's code: it derives its keys with its own loop.
struct Client {
    let name: String
    let password: String
    var header = "n,,"
    var bindingData: [UInt8] = []
    var firstExtensions = ""
    var finalExtensions = ""

    init(name: String, password: String) {
        self.name = name
        self.password = password
    }

    /// The last step of a whole exchange; a wrong server signature shows as a malformed acknowledgement.
    mutating func run(_ mechanism: SASLMechanism, bindings: [SASLChannelBinding], verifier: SCRAMVerifier) -> SASLStep {
        var exchange = SASLServerExchange(mechanism, channelBindings: bindings, nonce: "c2VydmVy")
        let bare = "n=\(name),r=client\(firstExtensions)"
        let step = exchange.start(initialResponse: bytes(header + bare))
        guard case .needVerifier = step else { return step }
        guard case .challenge(let serverFirst) = exchange.provide(verifier) else { return .failure(.outOfOrder) }
        let text = String(decoding: serverFirst, as: UTF8.self)
        let fields = text.split(separator: ",").map { String($0.dropFirst(2)) }
        let withoutProof =
            "c=\(Base64.string(bytes(header) + bindingData)),r=\(fields[0])\(finalExtensions)"
        let signed = bytes("\(bare),\(text),\(withoutProof)")

        let salted = hi(Base64.decode(fields[1].utf8)!, Int(fields[2])!)
        let clientKey = hmac(salted, bytes("Client Key"))
        let signature = hmac(Array(SHA256.hash(data: clientKey)), signed)
        let proof = zip(clientKey, signature).map { $0 ^ $1 }
        let last = exchange.respond(bytes("\(withoutProof),p=\(Base64.string(proof))"))
        guard case .challenge(let serverFinal) = last else { return last }
        let expected = "v=" + Base64.string(hmac(hmac(salted, bytes("Server Key")), signed))
        return exchange.respond(serverFinal == bytes(expected) ? [] : bytes("*"))
    }

    private func hi(_ salt: [UInt8], _ iterations: Int) -> [UInt8] {
        var block = hmac(bytes(password), salt + [0, 0, 0, 1])
        var result = block
        for _ in 1..<iterations {
            block = hmac(bytes(password), block)
            for index in result.indices { result[index] ^= block[index] }
        }
        return result
    }

    private func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }
}
