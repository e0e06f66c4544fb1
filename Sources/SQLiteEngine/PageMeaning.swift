import MailStore

/// Says in plain words what the page of a tree is for.
struct PageMeaning {
    /// The address of an account, if it can still be read.
    let address: (Int64) -> String?

    func words(_ use: PageUse) -> String {
        let tree = use.tree
        if tree.isIndex {
            return "the index \(tree.name), by which \(things(tree.table)) are found\(owners(use)); "
                + "the rows themselves are not affected"
        }
        let extent = use.role == .inner ? "way to " : ""
        return "\(extent)\(things(tree.table))\(owners(use))"
    }

    private func things(_ table: String) -> String { Self.things[table] ?? "the rows of the table \(table)" }

    private static let things = [
        "sqlite_schema": "the list of all tables, without which nothing can be read",
        "shard": "the store's own counters",
        "tenant": "tenants", "domain": "domains", "account": "accounts", "address": "addresses of accounts",
        "alias": "aliases and groups", "alias_member": "members of aliases and groups",
        "credential": "passwords and other credentials", "setting": "settings", "audit": "the audit log",
        "folder": "folders", "folder_right": "rights to folders", "orphan_subscription": "subscriptions",
        "keyword_set": "keywords of messages", "item": "messages",
        "read_state": "what others have read in shared folders",
        "change_log": "the log of changes for clients that come back", "thread_key": "threads",
        "content": "summaries of messages, and where their bytes lie", "segment": "the list of content files",
        "queue": "outgoing mail in the queue", "trace": "the trace of deliveries", "sqlite_stat1": "statistics",
    ]

    /// Tables whose first column is the account.
    private static let owned: Set<String> = [
        "credential", "folder", "folder_right", "orphan_subscription", "keyword_set", "item", "read_state",
        "change_log",
        "thread_key",
    ]

    private func owners(_ use: PageUse) -> String {
        let (lowest, highest) = use.keys
        let table = use.tree.table
        // Of a table with ids of its own, an index begins with another column.
        let isOwned = Self.owned.contains(table)
        guard isOwned || (!use.tree.isIndex && ["account", "content", "queue", "audit", "segment"].contains(table))
        else {
            return ""
        }
        let what = isOwned ? " of account" : table == "account" ? " with number" : " number"
        switch (lowest, highest) {
        case (let low?, let high?) where low == high:
            let name = isOwned || table == "account" ? address(low).map { " (\($0))" } ?? "" : ""
            return "\(what) \(low)\(name)"
        case (let low?, let high?): return "\(what)s \(low) to \(high)"
        case (let low?, nil): return "\(what)s from \(low) on"
        case (nil, let high?): return "\(what)s up to \(high)"
        case (nil, nil): return ""
        }
    }
}
