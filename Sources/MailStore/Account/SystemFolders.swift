import MailModel

/// The folders every account is born with.
enum SystemFolders {
    struct Definition {
        let id: FolderID
        let parent: FolderID?
        let name: String
        let kind: FolderKind
        let role: FolderRole?
        var isSubscribed: Bool { kind == .mail }
    }

    /// Parents before children. Names of hidden ones follow MS-OXOSFLD; mail protocols never show them.
    static let all: [Definition] = [
        hidden(SystemFolder.root, nil, "Root"),
        hidden(SystemFolder.deferredAction, SystemFolder.root, "Deferred Action"),
        hidden(SystemFolder.spoolerQueue, SystemFolder.root, "Spooler Queue"),
        hidden(SystemFolder.top, SystemFolder.root, "Top"),
        hidden(SystemFolder.commonViews, SystemFolder.root, "Common Views"),
        hidden(SystemFolder.schedule, SystemFolder.root, "Schedule"),
        hidden(SystemFolder.search, SystemFolder.root, "Finder"),
        hidden(SystemFolder.views, SystemFolder.root, "Views"),
        hidden(SystemFolder.shortcuts, SystemFolder.root, "Shortcuts"),
        visible(SystemFolder.inbox, "INBOX", .mail, .inbox),
        visible(SystemFolder.drafts, "Drafts", .mail, .drafts),
        visible(SystemFolder.sent, "Sent", .mail, .sent),
        visible(SystemFolder.junk, "Junk", .mail, .junk),
        visible(SystemFolder.trash, "Trash", .mail, .trash),
        visible(SystemFolder.archive, "Archive", .mail, .archive),
        visible(SystemFolder.outbox, "Outbox", .hidden, .outbox),
        visible(SystemFolder.calendar, "Calendar", .calendar, .calendar),
        visible(SystemFolder.contacts, "Contacts", .contacts, .contacts),
        visible(SystemFolder.tasks, "Tasks", .tasks, .tasks),
        visible(SystemFolder.notes, "Notes", .notes, .notes),
        visible(SystemFolder.journal, "Journal", .hidden, .journal),
    ]

    private static func hidden(_ id: FolderID, _ parent: FolderID?, _ name: String) -> Definition {
        Definition(id: id, parent: parent, name: name, kind: .hidden, role: nil)
    }

    private static func visible(_ id: FolderID, _ name: String, _ kind: FolderKind, _ role: FolderRole) -> Definition {
        Definition(id: id, parent: SystemFolder.top, name: name, kind: kind, role: role)
    }

    /// The state of a new account.
    static func newAccount(_ record: AccountRecord) -> AccountState {
        let seconds = UInt32(truncatingIfNeeded: max(record.created.seconds, 1))
        let account = AccountState(
            record.id,
            AccountValues(
                record: record, nextID: FolderID.lastReserved + 1, change: 1, logFloor: 0, nextValidity: seconds,
                bytes: 0, messages: 0, keywords: KeywordTable(), folders: [:], orphanSubscriptions: []))
        for definition in all {
            account.values.folders[definition.id.rawValue] = FolderState(
                definition.id,
                FolderValues(
                    parent: definition.parent, name: definition.name, kind: definition.kind, role: definition.role,
                    isSubscribed: definition.isSubscribed, uidValidity: account.takeValidity(), highestChange: 1,
                    propertiesChange: 1))
        }
        return account
    }
}
