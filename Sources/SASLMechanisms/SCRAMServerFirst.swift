import Bytes

/// The server's first message and the check of the client's answer to it (RFC 5802 §3 and §7).
struct SCRAMServerFirst: Hashable, Sendable {
    let message: [UInt8]
    private let nonce: [UInt8]
    private let verifier: SCRAMVerifier

    init(answering first: SCRAMClientFirst, nonce: String, verifier: SCRAMVerifier) {
        self.nonce = first.nonce + Array(nonce.utf8)
        self.verifier = verifier
        var message = Array("r=".utf8) + self.nonce
        message += Array(",s=".utf8) + Base64.encode(verifier.salt)
        message += Array(",i=\(verifier.iterations)".utf8)
        self.message = message
    }

    /// The server's last message if the client's proof is right.
    func verify(clientFinal message: [UInt8], after first: SCRAMClientFirst) -> Result<[UInt8], SASLFailure> {
        let fields = message.split(separator: SCRAMClientFirst.comma, omittingEmptySubsequences: false)
        guard fields.count >= 3, let binding = SCRAMClientFirst.attribute("c", fields[0]),
            let nonce = SCRAMClientFirst.attribute("r", fields[1]),
            let last = fields.last, let proof = SCRAMClientFirst.attribute("p", last).flatMap({ Base64.decode($0) }),
            fields[2..<(fields.count - 1)].allSatisfy(SCRAMClientFirst.isExtension)
        else { return .failure(.malformed) }

        // RFC 5802 §6: the server MUST always validate the client's "c=" field.
        guard let bound = Base64.decode(binding) else { return .failure(.malformed) }
        guard bound.elementsEqual(first.header + first.bindingData) else {
            return .failure(bound.starts(with: first.header) ? .channelBindingMismatch : .malformed)
        }
        // RFC 5802 §5.1: the server MUST verify that the nonce is the one it sent.
        guard nonce.elementsEqual(self.nonce) else { return .failure(.malformed) }

        var signed = first.bare
        signed.append(SCRAMClientFirst.comma)
        signed += self.message
        signed.append(SCRAMClientFirst.comma)
        signed += message[..<(last.startIndex - 1)]
        guard verifier.accepts(proof: proof, authMessage: signed) else { return .failure(.invalidProof) }
        return .success(Array("v=".utf8) + Base64.encode(verifier.serverSignature(authMessage: signed)))
    }
}
