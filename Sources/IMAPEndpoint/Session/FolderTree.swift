import IMAPWire
import MailModel
import MailStore

/// An account's folders by the names that IMAP gives them.
struct FolderTree: Sendable {
    struct Entry: Sendable {
        let name: MailboxName
        let folder: Folder
    }

    /// Mail folders below the top folder whose ancestors are such too; parents before children.
    private(set) var entries: [Entry] = []
    private var positions: [String: Int] = [:]
    private var parents: Set<FolderID> = []

    /// `folders` has parents before children.
    init(_ folders: [Folder]) {
        var paths: [FolderID: String] = [:]
        for folder in folders where folder.kind == .mail {
            guard let parent = folder.parent else { continue }
            let path: String
            if parent == SystemFolder.top {
                path = folder.name
            } else if let above = paths[parent] {
                path = above + "/" + folder.name
            } else {
                continue
            }
            paths[folder.id] = path
            parents.insert(parent)
            positions[path] = entries.count
            entries.append(Entry(name: MailboxName(path: path), folder: folder))
        }
    }

    subscript(_ name: MailboxName) -> Folder? {
        positions[name.path].map { entries[$0].folder }
    }

    func hasChildren(_ folder: FolderID) -> Bool { parents.contains(folder) }

    /// Where a mailbox called `name` is, or would be.
    struct Place {
        /// The deepest ancestor that exists.
        let ancestor: FolderID
        /// The levels to make below it, the mailbox's own last.
        let missing: [String]
    }

    func place(of name: MailboxName) -> Place {
        let levels = name.components
        var ancestor = SystemFolder.top
        var path = ""
        for (depth, level) in levels.enumerated() {
            path = depth == 0 ? level : path + "/" + level
            guard let folder = self[MailboxName(path: path)] else {
                return Place(ancestor: ancestor, missing: Array(levels[depth...]))
            }
            ancestor = folder.id
        }
        return Place(ancestor: ancestor, missing: [])
    }
}
