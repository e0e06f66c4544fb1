import IMAPWire
import MailModel
import MailStore

extension IMAPSession {
    /// CREATE (RFC 9051 §6.3.4): superior levels that are missing are made too.
    func create(_ name: MailboxName, _ uses: [String]) async throws(StoreError) -> Completion {
        guard name.isWellFormed else { return .no("This cannot be a mailbox name", code: .cannot) }
        var role: FolderRole?
        if !uses.isEmpty {
            // RFC 6154 §3: a use that cannot be had fails the whole command.
            role = FolderRole.allCases.first { $0.specialUse?.lowercased() == uses[0].lowercased() }
            guard uses.count == 1, role != nil else {
                return .no("This special use is not supported", code: .useAttribute)
            }
        }
        let tree = try await folderTree()
        guard tree[name] == nil else { return .no("The mailbox exists already", code: .alreadyExists) }
        if let role, tree.entries.contains(where: { $0.folder.role == role }) {
            return .no("Another mailbox has this special use", code: .useAttribute)
        }
        let id = try await make(tree.place(of: name), role: role)
        try await adoptSubscription(name, id)
        return .ok("CREATE completed")
    }

    /// Makes the missing levels; returns the last.
    @discardableResult
    func make(_ place: FolderTree.Place, role: FolderRole?) async throws(StoreError) -> FolderID {
        var parent = place.ancestor
        for (index, level) in place.missing.enumerated() {
            let isLast = index == place.missing.count - 1
            parent = try await store.createFolder(
                named: level, in: parent, kind: .mail, role: isLast ? role : nil
            ).id
        }
        return parent
    }

    /// A name may have been subscribed to before there was such a mailbox.
    func adoptSubscription(_ name: MailboxName, _ id: FolderID) async throws(StoreError) {
        guard try await store.orphanSubscriptions().contains(name.path) else { return }
        try await store.setOrphanSubscription(name.path, subscribed: false)
        try await store.setSubscribed(true, folder: id)
    }
}
