import ContentStore
import MailModel

/// What segments do not have, from an index that is damaged but can still be read in parts.
extension Salvage {
    mutating func takeDirectory() throws(StoreError) {
        guard let old else { return }
        let batch = batch
        try takeDomains(old)
        var (accounts, withoutFolders, credentials) = (0, 0, 0)
        try old.accounts { record throws(StoreError) in
            try batch.inTransaction { () throws(StoreError) in
                guard try !batch.exists(.selectAddress, record.address.key), try existing(record.id) == nil else {
                    return
                }
                highestAccount = max(highestAccount, record.id.rawValue)
                if try !batch.exists(.selectDomain, record.address.domain.ascii) {
                    try insert(DomainRecord(name: record.address.domain, created: options.now()))
                    report.domainsMade.append(record.address.domain.unicode)
                }
                try batch.claim(record.address, tenant: record.tenant, account: record.id)
                let state = old.state(of: record.id).flatMap(Self.emptied) ?? SystemFolders.newAccount(record)
                if state.values.folders.count <= SystemFolders.all.count, old.state(of: record.id) == nil {
                    withoutFolders += 1
                }
                try insert(state)
                var entry = SalvageReport.Account(address: record.address.description)
                entry.isKnown = true
                for row in old.rows(
                    .selectCredentials, { $0.bind(record.id.rawValue) },
                    { row throws(StoreError) in try NewCredential(row: row) }
                ).rows {
                    try batch.insert(row, of: record, created: options.now())
                    credentials += 1
                    entry.hasPassword = true
                }
                accounts += 1
                highestItem[record.id.rawValue] = max(FolderID.lastReserved, state.values.nextID - 1)
                report.accounts[record.id.rawValue] = entry
            }
        }
        try takeAliases(old)
        try takeSettings(old)
        if accounts > 0 {
            report.taken.append(
                old.allAccounts == nil
                    ? "\(accounts) accounts, though there may have been more" : "all \(accounts) accounts")
            report.taken.append("\(credentials) passwords and the like")
            if withoutFolders > 0 { report.taken.append("of \(withoutFolders) accounts no folders") }
        }
    }

    private mutating func takeDomains(_ old: OldIndex) throws(StoreError) {
        let domains = old.rows(.selectDomains) { row throws(StoreError) in try DomainRecord(row: row) }.rows
        let batch = batch
        try batch.inTransaction { () throws(StoreError) in
            for domain in domains where try !batch.exists(.selectDomain, domain.name.ascii) { try insert(domain) }
        }
        if !domains.isEmpty { report.taken.append("\(domains.count) domains") }
    }

    private mutating func takeAliases(_ old: OldIndex) throws(StoreError) {
        var aliases = old.rows(.selectAliases) { row throws(StoreError) in try AliasRecord(row: row) }.rows
        for index in aliases.indices {
            let key = aliases[index].address.key
            aliases[index].targets = old.rows(.selectAliasMembers, { $0.bind(key) }, { $0.text(0) }).rows
                .compactMap { EmailAddress($0) }
        }
        let batch = batch
        var taken = 0
        try batch.inTransaction { () throws(StoreError) in
            for alias in aliases where !alias.targets.isEmpty {
                guard try !batch.exists(.selectAddress, alias.address.key),
                    try batch.exists(.selectDomain, alias.address.domain.ascii)
                else { continue }
                try batch.claim(alias.address, tenant: alias.tenant, account: nil)
                try batch.write(alias)
                taken += 1
            }
        }
        if taken > 0 { report.taken.append("\(taken) aliases and groups") }
    }

    private mutating func takeSettings(_ old: OldIndex) throws(StoreError) {
        let settings = old.rows(.selectSettings) { ($0.integer(0), $0.text(1), $0.bytes(2)) }.rows
        let batch = batch
        try batch.inTransaction { () throws(StoreError) in
            for (tenant, name, value) in settings {
                try batch.run(.upsertSetting) { statement in
                    statement.bind(tenant)
                    statement.bind(name)
                    statement.bind(value)
                }
            }
        }
        if !settings.isEmpty { report.taken.append("\(settings.count) settings") }
    }

    /// The account without its messages; nil if its folders make no sense.
    private static func emptied(_ state: AccountState) -> AccountState? {
        guard SystemFolders.all.allSatisfy({ state.values.folders[$0.id.rawValue] != nil }) else { return nil }
        state.values.bytes = 0
        state.values.messages = 0
        for folder in state.values.folders.values {
            folder.values.messages = 0
            folder.values.unseen = 0
            folder.values.deleted = 0
            folder.values.size = 0
            // 0 marks folders whose names come from records.
            folder.values.propertiesChange = max(folder.values.propertiesChange, 1)
        }
        return state
    }

    private func insert(_ state: AccountState) throws(StoreError) {
        try batch.insert(state)
        for (number, keywords) in state.values.keywords.sets.sets.enumerated().dropFirst() {
            try batch.run(.insertKeywordSet) { statement in
                statement.bind(state.id.rawValue)
                statement.bind(number)
                statement.bind(KeywordTable.text(keywords))
            }
        }
        for path in state.values.orphanSubscriptions {
            try batch.run(.insertOrphanSubscription) { statement in
                statement.bind(state.id.rawValue)
                statement.bind(path)
            }
        }
        batch.adopt(state)
    }

    mutating func takeQueue() {
        guard let old else { return }
        var after: Int64 = 0
        while true {
            let from = after
            let (page, isWhole) = old.rows(
                .selectOldQueue,
                { statement in
                    statement.bind(from)
                    statement.bind(500)
                },
                { row in
                    (
                        row.integer(0), row.integer(1),
                        OldQueued(
                            delivery: row.text(2), messageID: row.optionalText(3), sender: row.text(4),
                            recipient: row.text(5), expires: row.integer(6), received: row.integer(7))
                    )
                })
            for (_, content, entry) in page { oldQueue[content, default: []].append(entry) }
            guard isWhole else { return }
            guard let end = page.last else { break }
            after = end.0
        }
        knowsQueue = true
    }

    // MARK: Messages

    /// Rows of the old index take the place of what records say of the same content: they have the flags and folders that messages
    /// had at last. If all of an account's could be read, what it does not have was deleted.
    mutating func takeItems() throws(StoreError) {
        guard let old else { return }
        for (id, account) in report.accounts where account.isKnown { try takeItems(of: id, old) }
        if report.fromOldIndex > 0 {
            report.taken.append("\(report.fromOldIndex) messages with their flags and folders")
        }
    }

    private struct OldItem {
        let folder: Int64
        let uid: Int64
        let id: Int64
        let flags: Int64
        let set: Int64
        let email: Int64
        let thread: Int64
        let received: Int64
        let saved: Int64
        let modified: Int64
        let size: Int64
        let sender: String?
        let recipient: String?
        let delivery: String?
        let uidl: String?
        let content: Int64
        let deleted: Int64?
    }

    private mutating func takeItems(of account: Int64, _ old: OldIndex) throws(StoreError) {
        var known: Set<Int64> = []
        var (folder, uid) = (Int64(0), Int64(0))
        var isWhole = true
        // First only which contents it has: memory holds their numbers.
        while true {
            let (page, readAll) = read(account, folder, uid, old)
            for item in page { known.insert(item.content) }
            guard readAll else {
                isWhole = false
                break
            }
            guard let end = page.last else { break }
            (folder, uid) = (end.folder, end.uid)
        }
        try removePlaced(of: account, known: known, all: isWhole)
        (folder, uid) = (0, 0)
        while true {
            let (page, readAll) = read(account, folder, uid, old)
            let batch = batch
            try batch.inTransaction { () throws(StoreError) in
                guard let state = try existing(AccountID(account)) else { return }
                batch.change(state)
                for item in page where try insert(item, of: state) { report.fromOldIndex += 1 }
            }
            guard readAll, let end = page.last else { return }
            (folder, uid) = (end.folder, end.uid)
        }
    }

    private func read(
        _ account: Int64, _ folder: Int64, _ uid: Int64, _ old: OldIndex
    ) -> (rows: [OldItem], isWhole: Bool) {
        old.rows(
            .selectOldItems,
            { statement in
                statement.bind(account)
                statement.bind(folder)
                statement.bind(uid)
                statement.bind(500)
            },
            { row in
                OldItem(
                    folder: row.integer(0), uid: row.integer(1), id: row.integer(2), flags: row.integer(3),
                    set: row.integer(4), email: row.integer(5), thread: row.integer(6), received: row.integer(7),
                    saved: row.integer(8), modified: row.integer(9), size: row.integer(10),
                    sender: row.optionalText(11),
                    recipient: row.optionalText(12), delivery: row.optionalText(13), uidl: row.optionalText(14),
                    content: row.integer(15), deleted: row.optionalInteger(16))
            })
    }

    /// Takes rows made from records out again: those of known content, or all.
    private func removePlaced(of account: Int64, known: Set<Int64>, all: Bool) throws(StoreError) {
        var (folder, uid) = (Int64(0), Int64(0))
        while true {
            let (from, after) = (folder, uid)
            let page = try batch.connection.rows(
                .selectPlacedItems,
                { statement in
                    statement.bind(account)
                    statement.bind(from)
                    statement.bind(after)
                    statement.bind(500)
                }, { (folder: $0.integer(0), uid: $0.integer(1), id: $0.integer(2), content: $0.integer(3)) })
            guard let end = page.last else { return }
            (folder, uid) = (end.folder, end.uid)
            try batch.inTransaction { () throws(StoreError) in
                for row in page where all || known.contains(row.content) { try remove(item: row.id, of: account) }
            }
        }
    }

    /// False if the row makes no sense, or what it refers to is lost.
    private mutating func insert(_ item: OldItem, of account: AccountState) throws(StoreError) -> Bool {
        let size = try batch.connection.rows(.selectContentSize, { $0.bind(item.content) }, { $0.integer(0) }).first
        guard size == item.size, (1..<Int64(UInt32.max)).contains(item.uid), (1..<identifierLimit).contains(item.id),
            item.deleted != nil || account.values.folders[item.folder] != nil
        else { return false }
        try remove(item: item.id, of: account.id.rawValue)
        let set = item.set >= 0 && item.set < Int64(account.values.keywords.sets.sets.count) ? item.set : 0
        let change = try account.takeChange()
        var isNew = false
        try batch.sql { connection throws(SQLError) in
            let statement = try connection.statement(.insertOldItem)
            defer { statement.finish() }
            for value in [account.id.rawValue, item.folder, item.uid, item.id, item.flags, set, change, change] {
                statement.bind(value)
            }
            for value in [item.email, item.thread, item.received, item.saved, item.modified, item.size] {
                statement.bind(value)
            }
            for text in [item.sender, item.recipient, item.delivery, item.uidl] { statement.bind(text) }
            statement.bind(item.content)
            statement.bind(item.deleted)
            _ = try statement.step()
            isNew = statement.changes == 1
        }
        guard isNew else { return false }
        try batch.addReferences(1, to: item.content)
        highestItem[account.id.rawValue] = max(
            highestItem[account.id.rawValue] ?? 0, item.id, item.email, item.thread)
        return true
    }
}
