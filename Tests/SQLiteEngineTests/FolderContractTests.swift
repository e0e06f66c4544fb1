import MailModel
import MailStore
import Testing

@Suite struct FolderContractTests {
    @Test(arguments: Twin.allCases)
    func accountIsBornWithItsFolders(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let folders = try await store.account().folders()
        let visible = folders.filter { $0.kind == .mail }
        #expect(visible.map(\.name) == ["INBOX", "Sent", "Trash", "Drafts", "Junk", "Archive"])
        #expect(visible.allSatisfy { $0.parent == SystemFolder.top && $0.isSubscribed && $0.isSystem })
        #expect(folders.first?.id == SystemFolder.root)
        #expect(folders.count == 21)
        #expect(Set(folders.map(\.uidValidity)).count == folders.count)
        for (index, folder) in folders.enumerated() {
            #expect(folder.parent.map { parent in folders[..<index].contains { $0.id == parent } } ?? (index == 0))
        }
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func foldersAreMadeRenamedAndDeleted(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let work = try await account.createFolder(named: "Work", in: SystemFolder.top, kind: .mail, role: nil)
        #expect(work.id.rawValue > FolderID.lastReserved)
        let inner = try await account.createFolder(named: "Cafe\u{301}", in: work.id, kind: .mail, role: nil)
        #expect(inner.name == "Caf\u{E9}")
        await #expect(throws: StoreError.alreadyExists("folder Work")) {
            try await account.createFolder(named: "Work", in: SystemFolder.top, kind: .mail, role: nil)
        }
        await #expect(throws: StoreError.self) {
            try await account.createFolder(named: "inbox", in: SystemFolder.top, kind: .mail, role: nil)
        }
        await #expect(throws: StoreError.self) {
            try await account.createFolder(named: "a/b", in: SystemFolder.top, kind: .mail, role: nil)
        }
        await #expect(throws: StoreError.self) { try await account.deleteFolder(work.id) }
        await #expect(throws: StoreError.self) { try await account.deleteFolder(SystemFolder.inbox) }
        await #expect(throws: StoreError.self) { try await account.renameFolder(work.id, to: "x", in: inner.id) }
        try await account.renameFolder(inner.id, to: "Tea", in: SystemFolder.top)
        let renamed = try await account.folder(inner.id)
        #expect(renamed.name == "Tea")
        #expect(renamed.uidValidity == inner.uidValidity)
        #expect(renamed.propertiesChange > inner.propertiesChange)
        try await account.deleteFolder(work.id)
        await #expect(throws: StoreError.self) { try await account.folder(work.id) }
        let again = try await account.createFolder(named: "Work", in: SystemFolder.top, kind: .mail, role: nil)
        #expect(again.uidValidity > work.uidValidity)
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func subscriptionsWithAndWithoutFolders(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        try await account.setSubscribed(false, folder: SystemFolder.sent)
        #expect(try await account.folder(SystemFolder.sent).isSubscribed == false)
        try await account.setOrphanSubscription("gone/folder", subscribed: true)
        try await account.setOrphanSubscription("gone/folder", subscribed: true)
        #expect(try await account.orphanSubscriptions() == ["gone/folder"])
        try await account.setOrphanSubscription("gone/folder", subscribed: false)
        #expect(try await account.orphanSubscriptions() == [])
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func deletedFoldersMailComesBackIntoTheInbox(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let folder = try await account.createFolder(named: "Old", in: SystemFolder.top, kind: .mail, role: nil)
        try await store.fill(2, folder.id)
        try await account.deleteFolder(folder.id)
        let lost = try await account.recoverable(limit: 10)
        #expect(lost.count == 2)
        #expect(try await account.undelete(lost.map(\.item)) == 2)
        #expect(try await account.mailbox(SystemFolder.inbox).count == 2)
        #expect(try await account.recoverable(limit: 10).isEmpty)
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func oneSessionLocksAFolder(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let account = try await store.account()
        let lock = try #require(account.lock(SystemFolder.inbox))
        #expect(account.lock(SystemFolder.inbox) == nil)
        lock.release()
        let second = account.lock(SystemFolder.inbox)
        #expect(second != nil)
        lock.release()
        #expect(account.lock(SystemFolder.inbox) == nil)
        withExtendedLifetime(second) {}
        await store.end()
    }
}
