import IMAPWire
import NIOCore
import SASLMechanisms
import SessionIO

extension IMAPSession {
    /// What is offered in the present state.
    var capabilities: [Capability] {
        var all: [Capability] = [.imap4rev1, .saslIR, .literalPlus, .id, .enable]
        guard account == nil else { return all + Self.afterLogin + [.appendLimit(service.settings.appendLimit)] }
        if !machine.isEncrypted, service.tls != nil { all.append(.startTLS) }
        if !machine.allowsPasswords { all.append(.loginDisabled) }
        let mechanisms = SASLMechanism.offered(
            passwordsAllowed: machine.allowsPasswords, channelBindings: channelBindings)
        return all + mechanisms.map { .authentication($0.rawValue) } + [.idle]
    }

    private static let afterLogin: [Capability] = [
        .idle, .namespace, .children, .specialUse, .createSpecialUse, .listExtended, .listStatus, .uidPlus, .unselect,
        .move, .esearch, .within, .conditionalStore, .quota, .quotaStorage, .binary, .multiAppend, .statusSize,
    ]

    /// CAPABILITY (RFC 9051 §6.1.1).
    func capability() -> Completion {
        connection.output.writeIMAPCapability(capabilities)
        return .ok("CAPABILITY completed")
    }
}
