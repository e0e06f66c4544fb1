import IMAPWire
import MailStore

extension IMAPSession {
    /// DELETE (RFC 9051 §6.3.5). The subscription stays, as the RFC wants.
    func delete(_ name: MailboxName) async throws(StoreError) -> Completion {
        let tree = try await folderTree()
        guard let folder = tree[name] else { return .no("There is no such mailbox", code: .nonExistent) }
        guard !name.isInbox, !folder.isSystem else { return .no("This mailbox cannot be deleted", code: .cannot) }
        guard !tree.hasChildren(folder.id) else {
            return .no("The mailbox has submailboxes; delete them first", code: ResponseCode("HASCHILDREN"))
        }
        if selected?.folder == folder.id {
            selected = nil
            machine.unselected()
        }
        try await store.deleteFolder(folder.id)
        if folder.isSubscribed { try await store.setOrphanSubscription(name.path, subscribed: true) }
        return .ok("DELETE completed")
    }
}
