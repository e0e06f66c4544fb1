package import MailModel

/// A folder's properties and counters at one moment.
package struct Folder: Hashable, Sendable {
    package let id: FolderID
    /// `SystemFolder.top` for the top level of mail protocols; nil for the root alone.
    package let parent: FolderID?
    /// One level's name: UTF-8 in NFC, never empty, without the separator `/` and without control characters. The inbox is `INBOX`.
    package let name: String
    package let kind: FolderKind
    package let role: FolderRole?
    package let isSubscribed: Bool
    /// RFC 9051 §2.3.1.1; derives from the account's epoch and is never lowered for a name.
    package let uidValidity: UInt32
    package let uidNext: UInt32
    package let messages: Int
    package let unseen: Int
    /// Messages flagged \Deleted.
    package let deleted: Int
    /// Sum of the sizes of its messages, in bytes (RFC 8438).
    package let size: Int64
    /// The highest change number of any of its items, expunges included (RFC 7162 §3.1.2.1).
    package let highestChange: ChangeNumber
    /// Change number of its properties (name, parent, role, subscription).
    package let propertiesChange: ChangeNumber
    /// Fixed at account creation: cannot be deleted; only its subscription changes.
    package var isSystem: Bool { id.rawValue <= FolderID.lastReserved }

    package init(
        id: FolderID, parent: FolderID?, name: String, kind: FolderKind, role: FolderRole?, isSubscribed: Bool,
        uidValidity: UInt32, uidNext: UInt32, messages: Int, unseen: Int, deleted: Int, size: Int64,
        highestChange: ChangeNumber, propertiesChange: ChangeNumber
    ) {
        self.id = id
        self.parent = parent
        self.name = name
        self.kind = kind
        self.role = role
        self.isSubscribed = isSubscribed
        self.uidValidity = uidValidity
        self.uidNext = uidNext
        self.messages = messages
        self.unseen = unseen
        self.deleted = deleted
        self.size = size
        self.highestChange = highestChange
        self.propertiesChange = propertiesChange
    }
}

/// The folders every account has from creation; the ids are the same in all accounts.
package enum SystemFolder {
    // 1 to 13: the folders a MAPI logon returns (MS-OXCSTOR §2.2.1.1.3).
    package static let root = FolderID(1)
    package static let deferredAction = FolderID(2)
    package static let spoolerQueue = FolderID(3)
    /// The interpersonal messages subtree: the parent of all that mail protocols show.
    package static let top = FolderID(4)
    package static let inbox = FolderID(5)
    package static let outbox = FolderID(6)
    package static let sent = FolderID(7)
    package static let trash = FolderID(8)
    package static let commonViews = FolderID(9)
    package static let schedule = FolderID(10)
    package static let search = FolderID(11)
    package static let views = FolderID(12)
    package static let shortcuts = FolderID(13)
    package static let drafts = FolderID(14)
    package static let junk = FolderID(15)
    package static let archive = FolderID(16)
    package static let calendar = FolderID(17)
    package static let contacts = FolderID(18)
    package static let tasks = FolderID(19)
    package static let notes = FolderID(20)
    package static let journal = FolderID(21)
}
