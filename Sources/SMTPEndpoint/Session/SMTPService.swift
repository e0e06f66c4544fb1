package import Accounts
package import Delivery
import Logging
import Metrics
import SMTPWire
package import SessionIO

/// One SMTP listener: what its sessions share.
package final class SMTPService: Sendable {
    package let kind: SMTPListenerKind
    package let settings: SMTPSettings
    let delivery: DeliveryService
    let authenticator: Authenticator
    /// For STARTTLS, and for TLS from the start on `submissions`; nil: no TLS.
    let tls: TLSIdentitySource?
    let metrics: SMTPMetrics
    /// Shared by all listeners.
    let sending: SendingBudget

    package init(
        _ kind: SMTPListenerKind, settings: SMTPSettings, delivery: DeliveryService, authenticator: Authenticator,
        tls: TLSIdentitySource?, sending: SendingBudget = SendingBudget()
    ) {
        self.kind = kind
        self.sending = sending
        self.settings = settings
        self.delivery = delivery
        self.authenticator = authenticator
        self.tls = tls
        metrics = SMTPMetrics(service: kind.rawValue)
    }

    /// What a `SessionServer` needs to listen for this.
    package func listener(limits: ConnectionLimits = ConnectionLimits()) -> SessionServer.Service {
        SessionServer.Service(
            name: kind.rawValue, implicitTLS: kind == .submissions ? tls : nil, limits: limits,
            refusal: "421 4.3.2 Too many connections; try again later\r\n",
            handshakeTimeout: settings.handshakeTimeout, session: { await self.serve($0) })
    }

    /// Serves one connection from greeting to end.
    package func serve(_ connection: Connection) async {
        metrics.connections.increment()
        metrics.live.increment()
        await SMTPSession(self, connection).run()
        metrics.live.decrement()
    }

    /// The rules of this listener, as the machine applies them.
    var rules: SessionRules {
        SessionRules(
            offersTLS: kind != .submissions && tls != nil,
            demandsTLS: kind.isSubmission && settings.demandsTLS,
            offersAuthentication: kind.isSubmission,
            demandsAuthentication: kind.isSubmission,
            messageLimit: settings.messageLimit,
            errorLimit: settings.errorLimit,
            idleLimit: settings.idleLimit,
            authenticationLimit: settings.authenticationLimit,
            messageCountLimit: settings.messageCountLimit)
    }
}
