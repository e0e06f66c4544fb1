package import SASLMechanisms

/// One SASL exchange from the first message to the account, for any protocol: bytes in, one of three steps out.
///
///     var login = SASLLogin(.plain, authenticator: authenticator, context: context, channelBindings: bindings)
///     var step = await login.start(initialResponse: bytes)
///     while case .challenge(let challenge) = step { send, read a line, step = await login.respond(line) }
///
/// Cancelling (`*`) is the protocol's business: drop the value.
package struct SASLLogin: ~Copyable, Sendable {
    package enum Step: Sendable {
        /// Send these bytes in base64 and pass the client's decoded answer to `respond`.
        case challenge([UInt8])
        case success(AuthenticatedAccount)
        case failure(LoginFailure)
    }

    private var exchange: SASLServerExchange
    private let authenticator: Authenticator
    private let context: LoginContext
    private var attempt: SCRAMAttempt?

    package init(
        _ mechanism: SASLMechanism, authenticator: Authenticator, context: LoginContext,
        channelBindings: [SASLChannelBinding]
    ) {
        exchange = SASLServerExchange(mechanism, channelBindings: channelBindings, nonce: Randomness.nonce())
        self.authenticator = authenticator
        self.context = context
    }

    /// Begins, with the decoded initial response if the client gave one.
    package mutating func start(initialResponse: [UInt8]?) async -> Step {
        await take(exchange.start(initialResponse: initialResponse))
    }

    package mutating func respond(_ response: [UInt8]) async -> Step {
        await take(exchange.respond(response))
    }

    private mutating func take(_ step: SASLStep) async -> Step {
        do throws(LoginFailure) {
            switch step {
            case .challenge(let bytes):
                return .challenge(bytes)
            case .verifyPassword(let password):
                return .success(try await authenticator.login(password, context))
            case .needVerifier(let identity):
                let attempt = try await authenticator.beginSCRAM(identity, context)
                self.attempt = attempt
                return await take(exchange.provide(attempt.verifier))
            case .success:
                guard let attempt else { return .failure(.malformed) }
                return .success(try await authenticator.finishSCRAM(attempt, context))
            case .failure(let failure):
                if let attempt { authenticator.failSCRAM(attempt, failure, context) }
                return .failure(failure.isMalformed ? .malformed : .invalidCredentials)
            }
        } catch {
            return .failure(error)
        }
    }
}
