import IMAPWire
import MailStore
import NIOCore
import SessionIO

extension IMAPSession {
    /// ENABLE (RFC 5161 §3.1): what cannot be enabled is passed over.
    func enable(_ capabilities: [Capability]) -> Completion {
        let enabled = capabilities.contains(.conditionalStore) ? [Capability.conditionalStore] : []
        connection.output.writeIMAPEnabled(enabled)
        if !enabled.isEmpty { enableModSequences() }
        return .ok("ENABLE completed")
    }

    /// A command was used that shows that the client knows mod-sequences (RFC 7162 §3.1).
    func enableModSequences() {
        guard machine.enabledModSequences(), let selected else { return }
        // RFC 7162 §3.1.2.1: the client must learn where it stands.
        connection.output.writeIMAPUntagged(
            .ok, "Highest", code: .highestModSequence(selected.snapshot.highestChange))
    }
}
