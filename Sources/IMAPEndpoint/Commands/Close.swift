import IMAPWire
import MailStore

extension IMAPSession {
    /// CLOSE (RFC 9051 §6.4.1): as EXPUNGE, but silent, and then as UNSELECT.
    func close() async throws(StoreError) -> Completion {
        guard let box = selected else { return .ok("CLOSE completed") }
        if !box.isReadOnly { _ = try await store.expunge(.all, in: box.folder, onlyDeleted: true) }
        leaveMailbox()
        return .ok("CLOSE completed")
    }

    /// UNSELECT (RFC 9051 §6.4.2).
    func unselect() -> Completion {
        leaveMailbox()
        return .ok("UNSELECT completed")
    }

    private func leaveMailbox() {
        selected = nil
        machine.unselected()
    }
}
