import IMAPWire
import MailStore

extension IMAPSession {
    /// EXPUNGE and UID EXPUNGE (RFC 9051 §6.4.3 and §6.4.9); the client learns of it as of any other change.
    func expunge(_ uids: MessageSet?) async throws(StoreError) -> Completion {
        guard let box = selected else { return .bad("Select a mailbox first") }
        var set = UIDSet.all
        if let uids {
            let largest = box.snapshot.uid(at: box.snapshot.count - 1) ?? 0
            set = UIDSet(uids.resolved(largest: largest))
        }
        if !set.isEmpty { _ = try await store.expunge(set, in: box.folder, onlyDeleted: true) }
        return .ok("EXPUNGE completed")
    }
}
