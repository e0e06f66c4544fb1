import Logging
import SASLMechanisms
import SMTPWire
import SessionIO

extension SMTPSession {
    /// HELO (RFC 5321 §4.1.1.1): one line, no extensions.
    func hello(_ name: String) async {
        await dropTransaction()
        logger[metadataKey: "helo"] = .string(name)
        reply(Reply(.ok, nil, settings.hostname))
    }

    /// EHLO: the host's name and what this listener offers now.
    func extendedHello(_ name: String) async {
        await dropTransaction()
        logger[metadataKey: "helo"] = .string(name)
        reply(.extendedHello(host: settings.hostname, client: name, capabilities))
    }

    /// What EHLO announces; it changes with TLS and with login.
    private var capabilities: [Capability] {
        var capabilities = [Capability.size(settings.messageLimit)] + Capability.always
        if machine.rules.offersTLS, !machine.isEncrypted { capabilities.append(.startTLS) }
        let isClosed = machine.rules.demandsTLS && !machine.isEncrypted
        if machine.rules.offersAuthentication, !machine.isAuthenticated, !isClosed {
            let mechanisms = offeredMechanisms
            // RFC 4954 §4: at least one mechanism, or no AUTH at all.
            if !mechanisms.isEmpty { capabilities.append(.auth(mechanisms.map(\.rawValue))) }
        }
        return capabilities
    }

    /// Strongest first; those that reveal the password only under TLS, or if the configuration allows it.
    var offeredMechanisms: [SASLMechanism] {
        SASLMechanism.offered(passwordsAllowed: allowsPasswords, channelBindings: channelBindings)
    }

    var allowsPasswords: Bool { machine.isEncrypted || settings.allowsPlaintextAuthentication }

    /// What SCRAM-SHA-256-PLUS binds to (RFC 5802 §6).
    var channelBindings: [SASLChannelBinding] {
        (connection.tls?.channelBindings ?? []).map { SASLChannelBinding(name: $0.name, bytes: $0.bytes) }
    }
}
