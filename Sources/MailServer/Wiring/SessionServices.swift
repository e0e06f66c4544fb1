import Accounts
import IMAPEndpoint
import MailModel
import MailStore
import NIOCore
import POP3Endpoint
import SMTPEndpoint
import SessionIO

/// Makes each protocol's service from the configuration. Listeners of one protocol share what its sessions share.
struct SessionServices {
    private let node: MailNode
    private let tls: TLSIdentitySource?
    private let imap: IMAPService
    private let pop3: POP3Service
    private let sending: SendingBudget
    let limits: ConnectionLimits

    /// - Parameters:
    ///   - tls: nil: no certificate, so no TLS is offered.
    ///   - connections: how many there may be at a time.
    init(node: MailNode, tls: TLSIdentitySource?, connections: Int) {
        self.node = node
        self.tls = tls
        let limits = node.configuration.limits
        self.limits = ConnectionLimits(
            total: connections, unauthenticated: min(limits.unauthenticatedConnections, connections),
            perAddress: limits.connectionsPerAddress, ratePerAddress: limits.connectionRate,
            includesLoopback: limits.loopback)
        sending = SendingBudget(
            limits: .init(messagesPerHour: limits.messagesPerHour, recipientsPerDay: limits.recipientsPerDay))
        imap = Self.imap(node, tls)
        pop3 = Self.pop3(node, tls)
    }

    /// Patience and memory, the same for all.
    static func policy(_ configuration: ServerConfiguration) -> SessionPolicy {
        let limits = configuration.limits
        return SessionPolicy(
            pace: PaceLimits(minimumRate: limits.minimumRate, grace: TimeAmount(limits.rateGrace)),
            outputMemory: Int(limits.outputMemory), intakeMemory: Int(limits.intakeMemory))
    }

    /// Nil for HTTP, whose listeners are `HTTPDoor`'s.
    func service(for service: ListenerService) -> SessionServer.Service? {
        switch service {
        case .smtp: smtp(.reception)
        case .submission: smtp(.submission)
        case .submissions: smtp(.submissions)
        case .imap, .imaps: lines(service, refusal: IMAPService.refusal) { [imap] in await imap.serve($0) }
        case .pop3, .pop3s: lines(service, refusal: POP3Service.refusal) { [pop3] in await pop3.serve($0) }
        case .http, .https: nil
        }
    }

    private func lines(
        _ service: ListenerService, refusal: String, session: @escaping @Sendable (Connection) async -> Void
    ) -> SessionServer.Service {
        SessionServer.Service(
            name: service.rawValue, implicitTLS: service.isImplicitTLS ? tls : nil, limits: limits, refusal: refusal,
            handshakeTimeout: TimeAmount(node.configuration.limits.handshakeTimeout), session: session)
    }

    private func smtp(_ kind: SMTPListenerKind) -> SessionServer.Service {
        let configuration = node.configuration
        var settings = SMTPSettings(hostname: configuration.hostName)
        settings.messageLimit = UInt64(configuration.smtp.maximumSize)
        settings.recipientLimit = configuration.smtp.maximumRecipients
        settings.postmaster = configuration.server.postmaster.flatMap { EmailAddress($0) }
        settings.allowsPlaintextAuthentication = configuration.auth.plaintext
        settings.timeout = TimeAmount(configuration.smtp.timeout)
        settings.handshakeTimeout = TimeAmount(configuration.limits.handshakeTimeout)
        settings.sessionTime = TimeAmount(configuration.smtp.sessionTime)
        settings.errorLimit = configuration.smtp.maximumErrors
        settings.idleLimit = configuration.smtp.maximumIdleCommands
        settings.messageCountLimit = configuration.smtp.messagesPerSession
        let service = SMTPService(
            kind, settings: settings, delivery: node.delivery, authenticator: node.authenticator, tls: tls,
            sending: sending)
        return service.listener(limits: limits)
    }

    private static func imap(_ node: MailNode, _ tls: TLSIdentitySource?) -> IMAPService {
        let configuration = node.configuration
        var settings = IMAPSettings(hostName: configuration.hostName)
        settings.allowsPlaintextAuthentication = configuration.auth.plaintext
        settings.loginTimeout = TimeAmount(configuration.limits.authTimeout)
        settings.idleTimeout = TimeAmount(configuration.imap.timeout)
        settings.handshakeTimeout = TimeAmount(configuration.limits.handshakeTimeout)
        settings.searchesPerAccount = configuration.limits.searchesPerAccount
        settings.appendLimit = Int(configuration.imap.maximumAppendSize)
        return IMAPService(settings: settings, authenticator: node.authenticator, tls: tls, shard: node.shard)
    }

    private static func pop3(_ node: MailNode, _ tls: TLSIdentitySource?) -> POP3Service {
        let configuration = node.configuration
        var settings = POP3Settings(hostName: configuration.hostName)
        settings.allowsPlaintextAuthentication = configuration.auth.plaintext
        settings.loginTimeout = TimeAmount(configuration.limits.authTimeout)
        settings.handshakeTimeout = TimeAmount(configuration.limits.handshakeTimeout)
        settings.idleTimeout = TimeAmount(configuration.pop3.timeout)
        let shard = node.shard
        return POP3Service(
            settings: settings, authenticator: node.authenticator, tls: tls,
            openAccount: { account async throws(StoreError) in try await shard.account(account) })
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
