/// What a folder holds; mail protocols show `mail` only.
package enum FolderKind: Int, Sendable, CaseIterable {
    case mail = 0
    case calendar = 1
    case contacts = 2
    case tasks = 3
    case notes = 4
    case search = 5
    /// A folder of the Exchange protocols' own (views, spooler queue, …), never shown elsewhere.
    case hidden = 6
}

/// What an item is.
package enum ItemKind: Int, Sendable {
    case mail = 0
    case appointment = 1
    case contact = 2
    case task = 3
    case note = 4
}

/// What a folder is for (RFC 6154, RFC 8621 §2 "role"); at most one folder of an account has each.
package enum FolderRole: String, Sendable, CaseIterable {
    case inbox
    case drafts
    case sent
    case junk
    case trash
    case archive
    case outbox
    case calendar
    case contacts
    case tasks
    case notes
    case journal

    /// The attribute of LIST (RFC 6154 §2), where IMAP has one.
    package var specialUse: String? {
        switch self {
        case .drafts: "\\Drafts"
        case .sent: "\\Sent"
        case .junk: "\\Junk"
        case .trash: "\\Trash"
        case .archive: "\\Archive"
        default: nil
        }
    }
}
