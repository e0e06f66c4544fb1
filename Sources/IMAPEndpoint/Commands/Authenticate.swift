import Accounts
import Bytes
import IMAPWire
import NIOCore
import SASLMechanisms
import SessionIO

extension IMAPSession {
    /// AUTHENTICATE (RFC 9051 §6.2.2, RFC 4959).
    func authenticate(_ name: String, _ initialResponse: [UInt8]?) async -> Completion {
        guard let mechanism = SASLMechanism(name: name),
            SASLMechanism.offered(passwordsAllowed: true, channelBindings: channelBindings).contains(mechanism)
        else { return .no("This mechanism is not offered here", code: .cannot) }
        guard machine.allowsPasswords || !mechanism.revealsPassword else {
            return .no("Passwords are accepted only over TLS: use STARTTLS first", code: .privacyRequired)
        }
        var login = SASLLogin(
            mechanism, authenticator: service.authenticator, context: loginContext, channelBindings: channelBindings)
        var step = await login.start(initialResponse: initialResponse)
        while true {
            switch step {
            case .success(let account): return await enter(account)
            case .failure(let failure): return refused(failure)
            case .challenge(let challenge):
                connection.output.writeIMAPContinuation(Base64.string(challenge))
                parser.expectLine()
                guard case .line(let line)? = await nextEvent() else { return .bad("The session is over") }
                // RFC 9051 §6.2.2: a single `*` cancels.
                if line.equalsIgnoringASCIICase("*") { return .bad("AUTHENTICATE cancelled") }
                guard let response = Base64.decode(line.readableBytesView) else {
                    return refused(.malformed)
                }
                step = await login.respond(response)
            }
        }
    }
}
