/// The server's side of one authentication, without I/O: bytes and verifiers in, `SASLStep`s out.
///
///     var exchange = SASLServerExchange(.scramSHA256, channelBindings: bindings, nonce: nonce)
///     var step = exchange.start(initialResponse: bytes)      // nil when the client sent none
///     // .challenge   → send, read a line, step = exchange.respond(line)
///     // .needVerifier → look up, step = exchange.provide(verifier)
///     // .verifyPassword, .success, .failure → done
///
/// No protocol of ours can carry data along with success, so SCRAM's last message is a challenge, and success follows
/// the client's empty answer to it (RFC 4422 §3.6). A client that cancels (`*`) is the protocol's business.
/// Noncopyable, because a copy would accept a second proof for the same nonce.
package struct SASLServerExchange: ~Copyable, Sendable {
    /// The longest response accepted, in decoded bytes: three fields of 255 (RFC 4616 §2) and room for SCRAM.
    package static let responseLimit = 4096

    private enum State {
        case initial
        case awaitingPlain
        case awaitingLoginName
        case awaitingLoginPassword(name: String)
        case awaitingClientFirst
        case awaitingVerifier(SCRAMClientFirst)
        case awaitingClientFinal(SCRAMClientFirst, SCRAMServerFirst)
        case awaitingAcknowledgement(SASLIdentity)
        case ended
    }

    package let mechanism: SASLMechanism
    private let channelBindings: [SASLChannelBinding]
    private let nonce: String
    private var state = State.initial

    /// - Parameters:
    ///   - channelBindings: all that this connection has, whatever the mechanism: plain SCRAM needs them to notice a downgrade.
    ///   - nonce: fresh random text for each exchange, printable ASCII without comma: the base64 of 18 random bytes will do.
    package init(_ mechanism: SASLMechanism, channelBindings: [SASLChannelBinding], nonce: String) {
        self.mechanism = mechanism
        self.channelBindings = channelBindings
        self.nonce = nonce
    }

    /// Begins, with the initial response if the protocol and the client gave one.
    package mutating func start(initialResponse: [UInt8]?) -> SASLStep {
        guard case .initial = state else { return fail(.outOfOrder) }
        switch mechanism {
        case .plain: state = .awaitingPlain
        case .login: state = .awaitingLoginName
        case .scramSHA256, .scramSHA256Plus: state = .awaitingClientFirst
        }
        if let initialResponse { return respond(initialResponse) }
        return .challenge(mechanism == .login ? Array("Username:".utf8) : [])
    }

    /// Takes the client's answer (decoded) to the last challenge.
    package mutating func respond(_ response: [UInt8]) -> SASLStep {
        guard response.count <= Self.responseLimit else { return fail(.tooLong) }
        switch state {
        case .awaitingPlain:
            return end(PlainMessage.step(response))
        case .awaitingLoginName:
            guard let name = SASLPrep.text(response), !name.isEmpty else { return fail(.invalidCredentialText) }
            state = .awaitingLoginPassword(name: name)
            return .challenge(Array("Password:".utf8))
        case .awaitingLoginPassword(let name):
            guard let password = SASLPrep.text(response), !password.isEmpty else { return fail(.invalidCredentialText) }
            return end(
                .verifyPassword(SASLPassword(identity: SASLIdentity(authenticationID: name), password: password)))
        case .awaitingClientFirst:
            return receiveClientFirst(response)
        case .awaitingClientFinal(let first, let server):
            switch server.verify(clientFinal: response, after: first) {
            case .success(let serverFinal):
                state = .awaitingAcknowledgement(first.identity)
                return .challenge(serverFinal)
            case .failure(let failure):
                return fail(failure)
            }
        case .awaitingAcknowledgement(let identity):
            return response.isEmpty ? end(.success(identity)) : fail(.malformed)
        case .initial, .awaitingVerifier, .ended:
            return fail(.outOfOrder)
        }
    }

    /// Takes the verifier that `needVerifier` asked for.
    package mutating func provide(_ verifier: SCRAMVerifier) -> SASLStep {
        guard case .awaitingVerifier(let first) = state else { return fail(.outOfOrder) }
        let server = SCRAMServerFirst(answering: first, nonce: nonce, verifier: verifier)
        state = .awaitingClientFinal(first, server)
        return .challenge(server.message)
    }

    private mutating func receiveClientFirst(_ response: [UInt8]) -> SASLStep {
        switch SCRAMClientFirst.parse(response) {
        case .failure(let failure):
            return fail(failure)
        case .success(var first):
            switch (first.bindingFlag, mechanism) {
            case (.used(let name), .scramSHA256Plus):
                guard let binding = channelBindings.first(where: { $0.name == name }) else {
                    return fail(.channelBindingNotSupported)
                }
                first.bindingData = binding.bytes
            case (.used, _), (_, .scramSHA256Plus):
                return fail(.channelBindingNotSupported)
            case (.supportedByClientOnly, _) where !channelBindings.isEmpty:
                return fail(.downgrade)
            case (.supportedByClientOnly, _), (.unsupported, _):
                break
            }
            state = .awaitingVerifier(first)
            return .needVerifier(first.identity)
        }
    }

    private mutating func fail(_ failure: SASLFailure) -> SASLStep { end(.failure(failure)) }

    private mutating func end(_ step: SASLStep) -> SASLStep {
        state = .ended
        return step
    }
}
