import IMAPWire
import MailModel
import MailStore

/// Which mailboxes a LIST names, and with which attributes.
struct MailboxListing: Sendable {
    struct Line: Sendable {
        let name: MailboxName
        /// Nil for a name without a mailbox.
        let folder: Folder?
        var attributes: [ListAttribute]
        var hasChildInfo = false
    }

    private(set) var lines: [Line] = []

    /// More is not computed: a pattern of 64 KB against 20,000 long names would take minutes.
    static let maximumSteps = 100_000_000

    /// How much it takes at most to hold `patterns` against all names: bytes of patterns times bytes of names.
    static func steps(_ patterns: [String], _ tree: FolderTree, orphans: [String]) -> Int {
        let names = tree.entries.reduce(0) { $0 + $1.name.path.utf8.count } + orphans.reduce(0) { $0 + $1.utf8.count }
        return patterns.reduce(0) { $0 + $1.utf8.count } * names
    }

    init(_ command: ListCommand, _ tree: FolderTree, orphans: [String]) {
        let patterns = command.canonicalPatterns
        let selection = command.selection
        let wantsSubscribed = selection.contains(.subscribed)
        // Names below which there is something selected, and those where it is not told by a line of its own, so that only
        // CHILDINFO tells of it (RFC 5258 §3.5).
        var withChildInfo: Set<String> = []
        var withHiddenChild: Set<String> = []
        if selection.contains(.recursiveMatch) {
            let paths = tree.entries.filter { Self.isSelected($0.folder, selection) }.map(\.name.path)
            for path in paths + (wantsSubscribed ? orphans : []) {
                let isHidden = !patterns.contains { $0.matches(path) }
                for ancestor in Self.ancestors(of: path) {
                    withChildInfo.insert(ancestor)
                    if isHidden { withHiddenChild.insert(ancestor) }
                }
            }
        }
        for entry in tree.entries {
            let isSelected = Self.isSelected(entry.folder, selection)
            let hasChildInfo = withChildInfo.contains(entry.name.path)
            guard isSelected || withHiddenChild.contains(entry.name.path),
                patterns.contains(where: { $0.matches(entry.name.path) })
            else { continue }
            var attributes = Self.attributes(of: entry.folder, tree)
            // RFC 5258 §3.1: SUBSCRIBED as a selection option implies the return option.
            if entry.folder.isSubscribed, wantsSubscribed || command.returns.contains(.subscribed) {
                attributes.append(.subscribed)
            }
            lines.append(
                Line(name: entry.name, folder: entry.folder, attributes: attributes, hasChildInfo: hasChildInfo))
        }
        guard wantsSubscribed, !selection.contains(.specialUse) else { return }
        var named = Set(lines.map(\.name.path))
        for path in orphans where patterns.contains(where: { $0.matches(path) }) && named.insert(path).inserted {
            lines.append(
                Line(
                    name: MailboxName(path: path), folder: nil, attributes: [.subscribed, .nonExistent],
                    hasChildInfo: withChildInfo.contains(path)))
        }
        // Above a subscribed name that no mailbox bears there may be none either.
        for path in withHiddenChild.sorted()
        where tree[MailboxName(path: path)] == nil && !named.contains(path)
            && patterns.contains(where: { $0.matches(path) })
        {
            lines.append(
                Line(name: MailboxName(path: path), folder: nil, attributes: [.nonExistent], hasChildInfo: true))
        }
    }

    private static func isSelected(_ folder: Folder, _ selection: ListSelection) -> Bool {
        (!selection.contains(.subscribed) || folder.isSubscribed)
            && (!selection.contains(.specialUse) || folder.role?.specialUse != nil)
    }

    /// CHILDREN and SPECIAL-USE attributes, told whether asked for or not.
    private static func attributes(of folder: Folder, _ tree: FolderTree) -> [ListAttribute] {
        var attributes = [tree.hasChildren(folder.id) ? ListAttribute.hasChildren : .hasNoChildren]
        if let use = folder.role?.specialUse { attributes.append(ListAttribute(use)) }
        return attributes
    }

    /// `a/b/c`: `a` and `a/b`.
    private static func ancestors(of path: String) -> [String] {
        path.utf8.indices.filter { path.utf8[$0] == 0x2F }.map { String(path[..<$0]) }
    }

    /// The lines of LSUB. A name that does not match but is above one that is subscribed stands for it, with \Noselect
    /// (RFC 3501 §6.3.9), which matters for `%`.
    static func subscribed(_ paths: [String], _ tree: FolderTree, _ pattern: ListPattern) -> [Line] {
        var lines: [Line] = []
        var named: Set<String> = []
        for path in paths where pattern.matches(path) && named.insert(path).inserted {
            let name = MailboxName(path: path)
            let folder = tree[name]
            lines.append(Line(name: name, folder: folder, attributes: folder.map { attributes(of: $0, tree) } ?? []))
        }
        for path in paths where !pattern.matches(path) {
            guard let ancestor = ancestors(of: path).last(where: { pattern.matches($0) }),
                named.insert(ancestor).inserted
            else { continue }
            lines.append(Line(name: MailboxName(path: ancestor), folder: nil, attributes: [.noSelect]))
        }
        return lines
    }
}
