import ContentStore
import MailModel
import MessageFormat

/// From a record to rows: its account, its folder, the message, the queue.
extension Salvage {
    /// - Parameter returnPath: bytes of a Return-Path line at the beginning, which is not sent on.
    mutating func place(
        _ record: SegmentScan.Record, _ summary: MessageSummary, returnPath: Int64
    ) throws(StoreError) {
        let id = record.location.contentID
        if id <= highestContent, try batch.references(of: id) != nil { try evict(content: id) }
        highestContent = max(highestContent, id)
        let size = Int64(record.header.rawLength)
        let threads = ThreadKeys.keys(of: summary)
        var references: Int64 = 0
        for placement in record.placements {
            switch placement.kind {
            case .folder:
                if try insert(placement, content: id, size: size, threads: threads) { references += 1 }
            case .queue:
                if try queue(placement, content: id, size: size, summary, returnPath: returnPath) { references += 1 }
            }
        }
        // Its row is needed even if nothing of it is to be seen: the old index may know of copies.
        try batch.insertContent(
            record.location, codec: record.header.codec, size: size, references: references,
            summary: ContentSeal.none.seal(summary.encode()), checksum: record.header.payloadChecksum)
    }

    /// A record whose id was given again belonged to a commit that did not happen.
    private mutating func evict(content id: Int64) throws(StoreError) {
        let items = try batch.connection.rows(
            .selectContentItems, { $0.bind(id) }, { (account: $0.integer(0), item: $0.integer(1)) })
        for (account, item) in items { try remove(item: item, of: account) }
        try batch.run(.deleteQueueOfContent) { $0.bind(id) }
        try batch.run(.deleteContent) { $0.bind(id) }
    }

    /// Takes a row out again.
    func remove(item: Int64, of account: Int64) throws(StoreError) {
        let found = try batch.connection.rows(
            .selectItemPlace,
            { statement in
                statement.bind(account)
                statement.bind(item)
            }, { (folder: $0.integer(0), uid: $0.integer(1), content: $0.integer(2)) }
        ).first
        guard let found else { return }
        try batch.addReferences(-1, to: found.content)
        try batch.run(.deleteItem) { statement in
            statement.bind(account)
            statement.bind(found.folder)
            statement.bind(found.uid)
        }
    }

    private mutating func insert(
        _ placement: Placement, content: Int64, size: Int64, threads: [Int64]
    ) throws(StoreError) -> Bool {
        guard let account = try account(of: placement) else { return false }
        batch.change(account)
        let folder = try folder(of: placement, in: account)
        batch.change(folder, of: account)
        let id = placement.item
        if id <= highestItem[account.id.rawValue] ?? 0 { try remove(item: id, of: account.id.rawValue) }
        if placement.uid < folder.values.uidNext,
            let other = try item(uid: placement.uid, in: folder.id, of: account.id)
        {
            try remove(item: other, of: account.id.rawValue)
        }
        highestItem[account.id.rawValue] = max(
            highestItem[account.id.rawValue] ?? 0, id, placement.folder, placement.email, placement.thread)
        folder.values.uidNext = max(folder.values.uidNext, placement.uid &+ 1)
        let keywords = Set(placement.keywords.split(separator: " ").map { Keyword(String($0)) })
        let set = try keywordSet(keywords, of: account)
        let change = try account.takeChange()
        try batch.run(.insertItem) { statement in
            statement.bind(account.id.rawValue)
            statement.bind(folder.id.rawValue)
            statement.bind(Int64(placement.uid))
            statement.bind(id)
            statement.bind(Int64(placement.flags))
            statement.bind(Int64(set))
            statement.bind(change)
            statement.bind(change)
            statement.bind(placement.email)
            statement.bind(placement.thread)
            statement.bind(placement.received)
            statement.bind(placement.saved)
            statement.bind(placement.saved)
            statement.bind(size)
            statement.bind(placement.envelopeSender.isEmpty ? nil : placement.envelopeSender)
            statement.bind(placement.envelopeRecipient.isEmpty ? nil : placement.envelopeRecipient)
            statement.bindNull()
            statement.bind(content)
        }
        for key in threads {
            try batch.run(.insertThread) { statement in
                statement.bind(account.id.rawValue)
                statement.bind(key)
                statement.bind(placement.thread)
            }
        }
        return true
    }

    /// Keywords beyond what an account may have are left out.
    private func keywordSet(_ keywords: Set<Keyword>, of account: AccountState) throws(StoreError) -> UInt16 {
        do throws(StoreError) {
            return try batch.keywordSet(keywords, of: account)
        } catch {
            guard !error.isTransient else { throw error }
            return 0
        }
    }

    private func item(uid: UInt32, in folder: FolderID, of account: AccountID) throws(StoreError) -> Int64? {
        try batch.connection.rows(
            .selectItemOfUID,
            { statement in
                statement.bind(account.rawValue)
                statement.bind(folder.rawValue)
                statement.bind(Int64(uid))
            }, { $0.integer(0) }
        ).first
    }

    // MARK: Accounts

    private mutating func account(of placement: Placement) throws(StoreError) -> AccountState? {
        let id = AccountID(placement.account)
        highestAccount = max(highestAccount, id.rawValue)
        if let known = try existing(id) { return known }
        if let all = old?.allAccounts, !all.contains(id.rawValue) {
            report.ofRemovedAccounts += 1
            return nil
        }
        guard let address = EmailAddress(placement.address), id.rawValue > 0 else {
            report.damaged("a message belongs to “\(placement.address)”, which is no address")
            return nil
        }
        return try makeAccount(id, free(address, for: id), created: Timestamp(rawValue: placement.received))
    }

    /// The address, or another if somebody who came later has it.
    private mutating func free(_ address: EmailAddress, for id: AccountID) throws(StoreError) -> EmailAddress {
        guard try batch.exists(.selectAddress, address.key) else { return address }
        let other = EmailAddress("account\(id)-\(address.key)") ?? address
        report.notes.append(
            "account \(id) had the address \(address), which is somebody else's now: it comes back as \(other)")
        return other
    }

    private mutating func makeAccount(
        _ id: AccountID, _ address: EmailAddress, created: Timestamp
    ) throws(StoreError) -> AccountState {
        if try !batch.exists(.selectDomain, address.domain.ascii) {
            try insert(DomainRecord(name: address.domain, created: options.now()))
            report.domainsMade.append(address.domain.unicode)
        }
        let record = AccountRecord(new: NewAccount(address: address, created: created), id: id)
        try batch.claim(address, tenant: record.tenant, account: id)
        let state = SystemFolders.newAccount(record)
        try batch.insert(state)
        batch.adopt(state)
        highestItem[id.rawValue] = FolderID.lastReserved
        report.accounts[id.rawValue] = SalvageReport.Account(address: address.description)
        return state
    }

    func insert(_ domain: DomainRecord) throws(StoreError) {
        try batch.run(.insertDomain) { statement in
            statement.bind(domain.name.ascii)
            statement.bind(domain.tenant.rawValue)
            statement.bind(domain.catchAll?.key)
            statement.bind(domain.subaddressSeparator.map { String($0) })
            statement.bind(domain.created.rawValue)
        }
    }

    // MARK: Folders

    /// The folder by its id. One that is new has its whole path for a name until all are known.
    private mutating func folder(of placement: Placement, in account: AccountState) throws(StoreError) -> FolderState {
        let id = FolderID(placement.folder)
        if let known = account.values.folders[id.rawValue] {
            // The last path that a record bears is its name.
            if known.values.propertiesChange == 0, !placement.path.isEmpty, known.values.name != placement.path {
                batch.change(known, of: account)
                known.values.name = placement.path
            }
            return known
        }
        guard id.rawValue > FolderID.lastReserved else { return try account.folder(SystemFolder.inbox) }
        let folder = FolderState(
            id,
            FolderValues(
                parent: SystemFolder.top,
                name: placement.path.isEmpty ? FolderNames.recovered(id.rawValue) : placement.path,
                kind: .mail, role: nil, isSubscribed: true, uidValidity: account.takeValidity(), highestChange: 0,
                propertiesChange: 0))
        account.values.folders[id.rawValue] = folder
        try batch.sql { connection throws(SQLError) in try folder.insert(account.id, connection) }
        unhung.insert(account.id.rawValue)
        return folder
    }

    /// Gives folders their places and names: those above them come first, made where no message was ever in them.
    mutating func hangFolders() throws(StoreError) {
        for id in unhung {
            let batch = batch
            try batch.inTransaction { () throws(StoreError) in
                guard let account = try existing(AccountID(id)) else { return }
                batch.change(account)
                account.values.nextID = max(account.values.nextID, (highestItem[id] ?? 0) + 1 + Self.margin)
                let folders = account.values.folders.values.filter { $0.values.propertiesChange == 0 }
                let change = try account.takeChange()
                // Short paths first; of two with the same path, the one that was made later bears the name.
                let ordered = folders.sorted { left, right in
                    let levels = (Self.levels(left.values.name).count, Self.levels(right.values.name).count)
                    return levels.0 != levels.1 ? levels.0 < levels.1 : left.id > right.id
                }
                for folder in ordered { folder.values.parent = nil }
                for folder in ordered { try hang(folder, in: account, change) }
                highestItem[id] = max(highestItem[id] ?? 0, account.values.nextID)
            }
        }
    }

    private static func levels(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init)
    }

    private func hang(_ folder: FolderState, in account: AccountState, _ change: Int64) throws(StoreError) {
        batch.change(folder, of: account)
        var levels = Self.levels(folder.values.name)
        let name = levels.popLast() ?? FolderNames.recovered(folder.id.rawValue)
        var parent = SystemFolder.top
        for level in levels.prefix(AccountState.maximumDepth) {
            if let above = child(level, of: parent, in: account) {
                parent = above.id
                continue
            }
            let made = FolderState(
                FolderID(try account.takeID()),
                FolderValues(
                    parent: parent, name: level, kind: .mail, role: nil, isSubscribed: true,
                    uidValidity: account.takeValidity(), highestChange: change, propertiesChange: change))
            account.values.folders[made.id.rawValue] = made
            try batch.sql { connection throws(SQLError) in try made.insert(account.id, connection) }
            parent = made.id
        }
        var free = name
        if child(name, of: parent, in: account) != nil { free = "\(name) (\(folder.id))" }
        folder.values.name = free
        folder.values.parent = parent
        folder.values.propertiesChange = change
    }

    private func child(_ name: String, of parent: FolderID, in account: AccountState) -> FolderState? {
        if parent == SystemFolder.top, AccountState.isInboxName(name) {
            return account.values.folders[SystemFolder.inbox.rawValue]
        }
        return account.values.folders.values.first {
            $0.values.parent == parent && $0.values.name == name && $0.values.kind == .mail
        }
    }

    // MARK: Queue

    /// Comes back held, so that nothing is sent twice without anybody knowing.
    private mutating func queue(
        _ placement: Placement, content: Int64, size: Int64, _ summary: MessageSummary, returnPath: Int64
    ) throws(StoreError) -> Bool {
        let known = oldQueue[content]?.first { $0.recipient == placement.envelopeRecipient }
        if knowsQueue, known == nil { return false }
        let id = batch.next(\.nextQueue)
        let now = options.now()
        try batch.run(.insertQueue) { statement in
            statement.bind(id)
            statement.bind(known?.delivery ?? "salvaged-\(content)")
            statement.bind(summary.messageIDText)
            statement.bind(placement.envelopeSender)
            statement.bind(placement.envelopeRecipient)
            statement.bind(placement.envelopeRecipient.split(separator: "@").last.map { String($0) } ?? "")
            statement.bind(placement.received)
            statement.bind(known?.expires ?? now.adding(seconds: Self.queueDays * 86_400).rawValue)
            statement.bind(content)
            statement.bind(size)
            statement.bind(returnPath)
            for _ in 0..<4 { statement.bindNull() }
            statement.bind(!placement.envelopeRecipient.utf8.allSatisfy { $0 < 0x80 })
            statement.bindNull()
            statement.bind(placement.received)
        }
        try batch.run(.holdQueued) { $0.bind(id) }
        report.queued += 1
        return true
    }

    /// How long a queue entry may wait, where its own time is lost.
    private static let queueDays: Int64 = 5
}
