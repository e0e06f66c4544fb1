import Accounts
import IMAPWire
import Logging
import MailModel
import MailStore
import SessionIO

extension IMAPSession {
    /// LOGIN (RFC 9051 §6.2.3).
    func login(_ user: String, _ password: [UInt8]) async -> Completion {
        guard let password = String(validating: password, as: UTF8.self) else { return refused(.invalidCredentials) }
        do throws(LoginFailure) {
            return await enter(try await service.authenticator.login(user: user, password: password, loginContext))
        } catch {
            return refused(error)
        }
    }

    var loginContext: LoginContext {
        LoginContext(
            service: .imap, peer: Accounts.PeerAddress(bytes: connection.peer.bytes), isEncrypted: machine.isEncrypted,
            session: connection.id)
    }

    /// Opens the account of a client that has proved who it is.
    func enter(_ account: AuthenticatedAccount) async -> Completion {
        let record = account.record
        do throws(StoreError) {
            let store = try await service.openAccount(record.id)
            let connection = connection
            let registration = service.authenticator.sessions.register(account, service: .imap) { reason in
                connection.interrupt(.revoked("\(reason)"))
            }
            guard let registration else {
                connection.note(
                    "too many sessions of one account",
                    ["account": "\(record.address.key)", "limit": "limits.sessionsPerAccount"])
                return .no("Too many sessions of this account; close some or try again later", code: .limit)
            }
            self.account = OpenAccount(record: record, store: store, registration: registration)
        } catch {
            connection.logger.error(
                "account cannot be opened", metadata: ["account": "\(record.address.key)", "cause": "\(error)"])
            return .no("The account cannot be opened now; try again later", code: .unavailable)
        }
        connection.loggedIn()
        machine.authenticated()
        parser.limits = service.settings.parser
        connection.logger[metadataKey: "account"] = "\(record.address.key)"
        service.metrics.loginAccepted()
        return .ok("Logged in", code: .capability(capabilities))
    }

    func refused(_ failure: LoginFailure) -> Completion {
        service.metrics.loginRefused(failure)
        if failure != .temporarilyUnavailable, machine.authenticationFailed() == .disconnect {
            connection.note("too many failed logins")
            endAfterReply(.farewell("Too many failed logins"))
        }
        let code = failure.imapResponseCode.map { ResponseCode($0) }
        return switch failure {
        case .invalidCredentials: .no("User name or password is wrong", code: code)
        case .disabled: .no("This account is disabled", code: code)
        case .protocolNotAllowed: .no("This account may not use IMAP", code: code)
        case .networkNotAllowed: .no("This account may not log in from your network", code: code)
        case .expired: .no("This password has expired", code: code)
        case .rateLimited(let seconds): .no("Too many failed logins; try again in \(seconds) seconds", code: code)
        case .temporarilyUnavailable: .no("Logging in is not possible now; try again later", code: code)
        case .malformed: .bad("The authentication exchange was malformed")
        }
    }
}
