import IMAPWire
import MailModel
import MailStore

extension IMAPSession {
    /// RENAME (RFC 9051 §6.3.6).
    func rename(_ from: MailboxName, _ to: MailboxName) async throws(StoreError) -> Completion {
        let tree = try await folderTree()
        guard let folder = tree[from] else { return .no("There is no such mailbox", code: .nonExistent) }
        guard to.isWellFormed else { return .no("This cannot be a mailbox name", code: .cannot) }
        guard tree[to] == nil else { return .no("The new name is taken", code: .alreadyExists) }
        guard !to.path.hasPrefix(from.path + "/") || from.isInbox else {
            return .no("A mailbox cannot move into itself", code: .cannot)
        }
        let place = tree.place(of: to)
        guard let name = place.missing.last else { return .no("The new name is taken", code: .alreadyExists) }
        if from.isInbox { return try await renameInbox(folder, place) }
        guard !folder.isSystem else { return .no("This mailbox cannot be renamed", code: .cannot) }
        let parent = try await make(
            FolderTree.Place(ancestor: place.ancestor, missing: place.missing.dropLast()), role: nil)
        try await store.renameFolder(folder.id, to: name, in: parent)
        return .ok("RENAME completed")
    }

    /// RFC 9051 §6.3.6: the messages of INBOX move into the new mailbox; INBOX and what is below it stay.
    private func renameInbox(_ inbox: Folder, _ place: FolderTree.Place) async throws(StoreError) -> Completion {
        let destination = try await make(place, role: nil)
        _ = try await store.move(.all, from: inbox.id, to: destination)
        return .ok("RENAME completed")
    }
}
