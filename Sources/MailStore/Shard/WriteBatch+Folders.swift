import MailModel

/// Changes of an account's folders.
extension WriteBatch {
    func createFolder(
        named name: String, in parent: FolderID, kind: FolderKind, role: FolderRole?, of id: AccountID
    ) throws(StoreError) -> Folder {
        let account = try account(id)
        let name = try account.checkNewFolder(named: name, in: parent, kind: kind, role: role)
        change(account)
        let newID = FolderID(try account.takeID())
        let number = try account.takeChange()
        let folder = FolderState(
            newID,
            FolderValues(
                parent: parent, name: name, kind: kind, role: role, isSubscribed: false,
                uidValidity: account.takeValidity(),
                highestChange: number, propertiesChange: number))
        folder.values.snapshot = .empty(newID, folder.values)
        account.values.folders[newID.rawValue] = folder
        try sql { connection throws(SQLError) in try folder.insert(id, connection) }
        try log(
            .create, newID.rawValue, folder, uid: nil, email: nil, change: number, account, options.now(),
            object: .folder)
        notice(newID, of: account)
        return folder.folder
    }

    func renameFolder(_ folderID: FolderID, to name: String, in parent: FolderID, of id: AccountID) throws(StoreError) {
        let account = try account(id)
        let name = try account.checkRename(folderID, to: name, in: parent)
        try changeProperties(of: folderID, account) { values in
            values.name = name
            values.parent = parent
        }
    }

    func setSubscribed(_ subscribed: Bool, _ folderID: FolderID, of id: AccountID) throws(StoreError) {
        let account = try account(id)
        guard try account.folder(folderID).values.isSubscribed != subscribed else { return }
        try changeProperties(of: folderID, account) { $0.isSubscribed = subscribed }
    }

    private func changeProperties(
        of folderID: FolderID, _ account: AccountState, _ body: (inout FolderValues) -> Void
    ) throws(StoreError) {
        let folder = try account.folder(folderID)
        change(account)
        change(folder, of: account)
        let number = try account.takeChange()
        body(&folder.values)
        folder.values.propertiesChange = number
        try log(
            .update, folderID.rawValue, folder, uid: nil, email: nil, change: number, account, options.now(),
            object: .folder)
    }

    func deleteFolder(_ folderID: FolderID, of id: AccountID) throws(StoreError) {
        let account = try account(id)
        try account.checkDelete(folderID)
        _ = try expunge(.all, in: folderID, onlyDeleted: false, of: id)
        let folder = try account.folder(folderID)
        change(account)
        let number = try account.takeChange()
        account.values.folders[folderID.rawValue] = nil
        try sql { connection throws(SQLError) in
            let statement = try connection.statement(.deleteFolder)
            statement.bind(id.rawValue)
            statement.bind(folderID.rawValue)
            try statement.run()
        }
        try log(
            .delete, folderID.rawValue, folder, uid: nil, email: nil, change: number, account, options.now(),
            object: .folder)
        notice(folderID, of: account)
    }

    func setOrphanSubscription(_ path: String, _ subscribed: Bool, of id: AccountID) throws(StoreError) {
        let account = try account(id)
        if subscribed { try account.checkOrphanSubscription(path) }
        change(account)
        if subscribed {
            account.values.orphanSubscriptions.insert(path)
        } else {
            account.values.orphanSubscriptions.remove(path)
        }
        try sql { connection throws(SQLError) in
            let statement = try connection.statement(subscribed ? .insertOrphanSubscription : .deleteOrphanSubscription)
            statement.bind(id.rawValue)
            statement.bind(path)
            try statement.run()
        }
    }
}
