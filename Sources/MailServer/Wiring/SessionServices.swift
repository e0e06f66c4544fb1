import Accounts
import IMAPEndpoint
import MailModel
import MailStore
import NIOCore
import POP3Endpoint
import SMTPEndpoint
import SessionIO

/// Makes each protocol's service from the configuration.
struct SessionServices {
    let node: MailNode
    /// Nil: no certificate, so no TLS is offered.
    let tls: TLSIdentitySource?

    private var limits: ConnectionLimits {
        let limits = node.configuration.limits
        return ConnectionLimits(
            total: limits.connections, perAddress: limits.connectionsPerAddress, includesLoopback: limits.loopback)
    }

    func service(for service: ListenerService) -> SessionServer.Service {
        switch service {
        case .smtp: smtp(.reception)
        case .submission: smtp(.submission)
        case .submissions: smtp(.submissions)
        case .imap, .imaps: imap(service)
        case .pop3, .pop3s: pop3(service)
        case .http, .https: preconditionFailure("HTTP has listeners of its own")
        }
    }

    private func smtp(_ kind: SMTPListenerKind) -> SessionServer.Service {
        let configuration = node.configuration
        var settings = SMTPSettings(hostname: configuration.hostName)
        settings.messageLimit = UInt64(configuration.smtp.maximumSize)
        settings.recipientLimit = configuration.smtp.maximumRecipients
        settings.postmaster = configuration.server.postmaster.flatMap { EmailAddress($0) }
        settings.allowsPlaintextAuthentication = configuration.auth.plaintext
        settings.timeout = TimeAmount(configuration.smtp.timeout)
        let service = SMTPService(
            kind, settings: settings, delivery: node.delivery, authenticator: node.authenticator, tls: tls)
        return service.listener(limits: limits)
    }

    private func imap(_ service: ListenerService) -> SessionServer.Service {
        let configuration = node.configuration
        var settings = IMAPSettings(hostName: configuration.hostName)
        settings.allowsPlaintextAuthentication = configuration.auth.plaintext
        settings.loginTimeout = TimeAmount(configuration.limits.authTimeout)
        settings.idleTimeout = TimeAmount(configuration.imap.timeout)
        settings.appendLimit = Int(configuration.imap.maximumAppendSize)
        let imap = IMAPService(settings: settings, authenticator: node.authenticator, tls: tls, shard: node.shard)
        return SessionServer.Service(
            name: service.rawValue, implicitTLS: service.isImplicitTLS ? tls : nil, limits: limits,
            refusal: IMAPService.refusal, session: { await imap.serve($0) })
    }

    private func pop3(_ service: ListenerService) -> SessionServer.Service {
        let configuration = node.configuration
        var settings = POP3Settings(hostName: configuration.hostName)
        settings.allowsPlaintextAuthentication = configuration.auth.plaintext
        settings.idleTimeout = TimeAmount(configuration.pop3.timeout)
        let shard = node.shard
        let pop3 = POP3Service(
            settings: settings, authenticator: node.authenticator, tls: tls,
            openAccount: { account async throws(StoreError) in try await shard.account(account) })
        return SessionServer.Service(
            name: service.rawValue, implicitTLS: service.isImplicitTLS ? tls : nil, limits: limits,
            refusal: POP3Service.refusal, session: { await pop3.serve($0) })
    }
}

extension TimeAmount {
    /// Rounded down to nanoseconds; what exceeds 292 years is 292 years.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self = .nanoseconds(overflow ? .max : whole &+ attoseconds / 1_000_000_000)
    }
}
