import IMAPWire
import MailStore

extension IMAPSession {
    /// SUBSCRIBE (RFC 9051 §6.3.7): also to names that no mailbox bears.
    func subscribe(_ name: MailboxName) async throws(StoreError) -> Completion {
        guard name.isWellFormed else { return .no("This cannot be a mailbox name", code: .cannot) }
        if let folder = try await folderTree()[name] {
            try await store.setSubscribed(true, folder: folder.id)
        } else {
            try await store.setOrphanSubscription(name.path, subscribed: true)
        }
        return .ok("SUBSCRIBE completed")
    }

    /// UNSUBSCRIBE (RFC 9051 §6.3.8).
    func unsubscribe(_ name: MailboxName) async throws(StoreError) -> Completion {
        if let folder = try await folderTree()[name] {
            try await store.setSubscribed(false, folder: folder.id)
        } else {
            try await store.setOrphanSubscription(name.path, subscribed: false)
        }
        return .ok("UNSUBSCRIBE completed")
    }
}
