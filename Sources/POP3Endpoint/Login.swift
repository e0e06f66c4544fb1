import Accounts
import Logging
import MailModel
import MailStore
import POP3Wire
import SASLMechanisms
import SessionIO

extension POP3Session {
    /// USER and PASS (RFC 1939 §7).
    func login(_ user: String, _ password: String) async -> Next {
        do throws(LoginFailure) {
            return await open(try await service.authenticator.login(user: user, password: password, loginContext))
        } catch {
            return refuse(error)
        }
    }

    /// AUTH (RFC 5034 §4).
    func authenticate(_ name: String, _ initialResponse: [UInt8]?) async -> Next {
        guard let mechanism = SASLMechanism(name: name) else {
            reply(.error("This mechanism is not offered here."))
            return .more
        }
        var exchange = SASLLogin(
            mechanism, authenticator: service.authenticator, context: loginContext, channelBindings: channelBindings)
        let step = await exchange.start(initialResponse: initialResponse)
        return await take(step, exchange)
    }

    /// The client's answer to a challenge.
    func respond(_ response: [UInt8]) async -> Next {
        guard var exchange = exchange.take() else {
            reply(.error("Nothing was asked."))
            return .more
        }
        let step = await exchange.respond(response)
        return await take(step, exchange)
    }

    private func take(_ step: SASLLogin.Step, _ exchange: consuming SASLLogin) async -> Next {
        switch step {
        case .challenge(let challenge):
            self.exchange = consume exchange
            machine.awaitResponse()
            POP3Reply.writeChallenge(challenge, into: &connection.output)
            return .more
        case .success(let account):
            return await open(account)
        case .failure(let failure):
            return refuse(failure)
        }
    }

    private var loginContext: LoginContext {
        LoginContext(
            service: .pop3, peer: Accounts.PeerAddress(bytes: connection.peer.bytes),
            isEncrypted: connection.tls != nil,
            session: connection.id)
    }

    /// Takes the maildrop for a client that has proved who it is (RFC 1939 §4).
    private func open(_ account: AuthenticatedAccount) async -> Next {
        let record = account.record
        do throws(StoreError) {
            let store = try await service.openAccount(record.id)
            guard let lock = store.lock(SystemFolder.inbox) else {
                service.metrics.loginFoundMaildropInUse()
                connection.logger.info("maildrop in use", metadata: ["account": "\(record.address.key)"])
                return refuse(.error("Another session has this mailbox open.", code: .inUse), isClientsFault: false)
            }
            let snapshot = try await store.mailbox(SystemFolder.inbox)
            let maildrop = OpenMaildrop(store: store, lock: lock, snapshot: snapshot, policy: record.pop3)
            let connection = connection
            let registration = service.authenticator.sessions.register(account, service: .pop3) { reason in
                connection.interrupt(.revoked("\(reason)"))
            }
            guard let registration else {
                connection.note(
                    "too many sessions of one account",
                    ["account": "\(record.address.key)", "limit": "limits.sessionsPerAccount"])
                return refuse(.error("Too many sessions of this account.", code: .inUse), isClientsFault: false)
            }
            connection.loggedIn()
            hold(maildrop, registration)
            machine.loggedIn(maildrop.wireMaildrop(), expiry: maildrop.expiry)
            connection.logger[metadataKey: "account"] = "\(record.address.key)"
            service.metrics.loginAccepted()
            let (count, octets) = machine.maildrop.statistics
            reply(.ok("\(count) messages (\(octets) octets)"))
            return .more
        } catch {
            connection.logger.error(
                "mailbox cannot be opened", metadata: ["account": "\(record.address.key)", "cause": "\(error)"])
            return refuse(error.reply("The mailbox cannot be opened."), isClientsFault: false)
        }
    }

    private func refuse(_ failure: LoginFailure) -> Next {
        service.metrics.loginRefused(failure)
        let code = failure.pop3ResponseCode.flatMap { POP3ResponseCode(rawValue: $0) }
        let text =
            switch failure {
            case .invalidCredentials: "User name or password is wrong."
            case .disabled: "This account is disabled."
            case .protocolNotAllowed: "This account may not use POP3."
            case .networkNotAllowed: "This account may not log in from your network."
            case .expired: "This password has expired."
            case .rateLimited(let seconds): "Too many failed logins; try again in \(seconds) seconds."
            case .temporarilyUnavailable: "Logging in is not possible now; try again later."
            case .malformed: "The authentication exchange was malformed."
            }
        return refuse(.error(text, code: code), isClientsFault: failure != .temporarilyUnavailable)
    }

    private func refuse(_ answer: POP3Reply, isClientsFault: Bool) -> Next {
        reply(answer)
        return machine.loginFailed(isClientsFault: isClientsFault) ? .end : .more
    }
}

extension StoreError {
    /// What a client is told: RFC 3206 §4 separates trouble that passes from trouble that does not.
    func reply(_ text: String) -> POP3Reply {
        switch self {
        case .notFound: .error("The message is gone.")
        case .damaged: .error(text, code: .permanent)
        case .diskFull, .unavailable, .locked, .overQuota, .limit, .notAllowed, .alreadyExists:
            .error(text, code: .temporary)
        }
    }
}
