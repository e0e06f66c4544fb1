import Accounts
import Bytes
import Logging
import MailModel
import MailStore
import Metrics
import SASLMechanisms
import SMTPWire
import SessionIO

extension SMTPSession {
    /// AUTH (RFC 4954 §4): the whole exchange, up to the account or a failure. False if the session is over.
    func authenticate(_ command: AuthenticateCommand) async -> Bool {
        guard let mechanism = SASLMechanism(name: command.mechanism) else {
            machine.failureCounted()
            reply(Reply(.parameterNotImplemented, .invalidArguments, "Mechanism not supported"))
            return true
        }
        guard allowsPasswords || !mechanism.revealsPassword else {
            machine.failureCounted()
            reply(.encryptionRequiredForPassword)
            return true
        }
        guard offeredMechanisms.contains(mechanism) else {
            machine.failureCounted()
            reply(Reply(.parameterNotImplemented, .invalidArguments, "Mechanism not available here"))
            return true
        }
        let context = LoginContext(
            service: .submission, peer: peer, isEncrypted: machine.isEncrypted, session: connection.id)
        var login = SASLLogin(
            mechanism, authenticator: service.authenticator, context: context, channelBindings: channelBindings)
        var step = await login.start(initialResponse: command.initialResponse?.value)
        while case .challenge(let challenge) = step {
            reply(Reply(.challenge, nil, Base64.string(challenge)))
            machine.authenticationContinues()
            switch await nextStep() {
            case .authenticationResponse(let response): step = await login.respond(response)
            case .authenticationAborted(let aborted):
                reply(aborted)
                return true
            default: return false
            }
        }
        switch step {
        case .success(let account): enter(account, mechanism)
        case .failure(let failure): refused(failure, mechanism)
        case .challenge: return false
        }
        return true
    }

    private func enter(_ account: AuthenticatedAccount, _ mechanism: SASLMechanism) {
        let connection = connection
        registration = service.authenticator.sessions.register(account, service: .submission) { end in
            connection.interrupt(.revoked("\(end)"))
        }
        guard registration != nil else {
            connection.note(
                "too many sessions of one account",
                ["account": "\(account.record.address)", "limit": "limits.sessionsPerAccount"])
            machine.authenticationEnded(accepted: false)
            // RFC 4954 §4: 454 for what has nothing to do with the credentials.
            reply(
                Reply(
                    ReplyCode(454), .securityPolicy(.transient),
                    "Too many sessions of this account; close some or try again later"))
            return
        }
        self.account = account
        connection.loggedIn()
        logger[metadataKey: "account"] = "\(account.record.address)"
        logger.info(
            "authenticated", metadata: ["mechanism": "\(mechanism.rawValue)", "credential": "\(account.label)"])
        service.metrics.loginsAccepted.increment()
        machine.authenticationEnded(accepted: true)
        reply(Reply(.authenticated, .authenticationSucceeded, "Authentication succeeded"))
    }

    private func refused(_ failure: LoginFailure, _ mechanism: SASLMechanism) {
        logger.info(
            "authentication failed", metadata: ["mechanism": "\(mechanism.rawValue)", "cause": "\(failure.label)"])
        service.metrics.countLoginFailure(failure.label)
        machine.authenticationEnded(accepted: false)
        let (code, enhanced, text) = failure.smtpReply
        reply(Reply(ReplyCode(UInt16(clamping: code)), EnhancedStatus(enhanced), text))
    }
}
