import MailModel

/// What may be done to folders, whichever engine keeps them.
extension AccountState {
    /// The name in NFC.
    static func normalisedName(_ name: String) throws(StoreError) -> String {
        let name = LocalPart.composed(name)
        guard !name.isEmpty else { throw .notAllowed("a folder name is not empty") }
        guard name.utf8.count <= 255 else { throw .limit("a folder name has at most 255 bytes") }
        for scalar in name.unicodeScalars
        where scalar == "/" || scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
            throw .notAllowed("a folder name has no separator and no control characters")
        }
        return name
    }

    /// The child of `parent` called `name`; the inbox answers to its name in any case (RFC 9051 §5.1).
    ///
    /// Mail folders and others have names of their own: somebody who sees only mail may make a folder "Notes".
    private func child(named name: String, of parent: FolderID, isMail: Bool) -> FolderState? {
        if parent == SystemFolder.top, Self.isInboxName(name) { return values.folders[SystemFolder.inbox.rawValue] }
        return values.folders.values.first {
            $0.values.parent == parent && $0.values.name == name && ($0.values.kind == .mail) == isMail
        }
    }

    static func isInboxName(_ name: String) -> Bool {
        name.utf8.count == 5 && name.uppercased() == "INBOX"
    }

    /// Checks a new folder; the name comes back normalised.
    func checkNewFolder(
        named name: String, in parent: FolderID, kind: FolderKind, role: FolderRole?
    ) throws(StoreError) -> String {
        let name = try Self.normalisedName(name)
        _ = try folder(parent)
        guard parent != SystemFolder.root else { throw .notAllowed("mail folders are made below the top folder") }
        guard values.folders.count < Self.maximumFolders else {
            throw .limit("an account has at most \(Self.maximumFolders) folders")
        }
        guard depth(of: parent) < Self.maximumDepth else {
            throw .limit("folders are at most \(Self.maximumDepth) deep")
        }
        guard child(named: name, of: parent, isMail: kind == .mail) == nil else {
            throw .alreadyExists("folder \(name)")
        }
        if let role, values.folders.values.contains(where: { $0.values.role == role }) {
            throw .alreadyExists("a folder with the role \(role.rawValue)")
        }
        return name
    }

    func checkRename(_ id: FolderID, to name: String, in parent: FolderID) throws(StoreError) -> String {
        let folder = try folder(id)
        guard !folder.folder.isSystem else { throw .notAllowed("\(folder.values.name) cannot be renamed") }
        let name = try Self.normalisedName(name)
        _ = try self.folder(parent)
        guard parent != SystemFolder.root else { throw .notAllowed("mail folders live below the top folder") }
        var ancestor: FolderID? = parent
        while let above = ancestor {
            guard above != id else { throw .notAllowed("a folder cannot move into itself") }
            ancestor = values.folders[above.rawValue]?.values.parent
        }
        guard depth(of: parent) + height(of: id) < Self.maximumDepth else {
            throw .limit("folders are at most \(Self.maximumDepth) deep")
        }
        if let other = child(named: name, of: parent, isMail: folder.values.kind == .mail), other.id != id {
            throw .alreadyExists("folder \(name)")
        }
        return name
    }

    func checkDelete(_ id: FolderID) throws(StoreError) {
        let folder = try folder(id)
        guard !folder.folder.isSystem else { throw .notAllowed("\(folder.values.name) cannot be deleted") }
        guard !values.folders.values.contains(where: { $0.values.parent == id }) else {
            throw .notAllowed("\(folder.values.name) has subfolders")
        }
    }

    private func depth(of id: FolderID) -> Int {
        var depth = 0
        var next = values.folders[id.rawValue]?.values.parent
        while let parent = next, depth <= Self.maximumDepth + 2 {
            depth += 1
            next = values.folders[parent.rawValue]?.values.parent
        }
        return depth
    }

    /// Levels below `id`, itself included.
    private func height(of id: FolderID) -> Int {
        var height = 0
        var level = [id]
        while !level.isEmpty {
            height += 1
            level = values.folders.values.filter { $0.values.parent.map(level.contains) ?? false }.map(\.id)
        }
        return height
    }
}

extension AccountState {
    /// Subscriptions without a folder an account may keep.
    static let maximumOrphanSubscriptions = 10_000

    func checkOrphanSubscription(_ path: String) throws(StoreError) {
        guard !path.isEmpty, path.utf8.count <= 4096 else { throw .limit("a subscribed name has 1 to 4096 bytes") }
        guard values.orphanSubscriptions.count < Self.maximumOrphanSubscriptions else {
            throw .limit("an account has at most \(Self.maximumOrphanSubscriptions) subscriptions without a folder")
        }
    }
}
