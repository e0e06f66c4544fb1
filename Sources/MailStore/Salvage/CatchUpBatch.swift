import ContentStore
import MailModel
import MessageFormat
import NIOCore

/// The rows of mail that is brought into an older index.
final class CatchUpBatch {
    private let batch: WriteBatch
    private let content: ContentFolder
    private let compressor: Compressor
    /// Account → the lowest id that may be given out.
    var lowestIDs: [Int64: Int64] = [:]

    /// How long a recipient may wait in the queue, as its own time is lost.
    private static let queueDays: Int64 = 5

    init(batch: WriteBatch, content: ContentFolder, compressor: Compressor) {
        self.batch = batch
        self.content = content
        self.compressor = compressor
    }

    func transaction(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        try batch.transaction { () throws(StoreError) in try batch.job(isOnly: true, body) }
    }

    /// Accounts are read anew: their rows have been changed elsewhere.
    func forget() { for id in batch.accounts.keys { batch.drop(AccountID(id)) } }

    // MARK: Accounts

    /// Makes those that are not there. Returns their addresses.
    func makeAccounts(_ wanted: [Int64: String]) throws(StoreError) -> [String] {
        var made: [String] = []
        for (id, text) in wanted.sorted(by: { $0.key < $1.key }) {
            guard try find(id, text) == nil, let address = EmailAddress(text) else { continue }
            if try !batch.exists(.selectDomain, address.domain.ascii) {
                try batch.run(.insertDomain) { statement in
                    statement.bind(address.domain.ascii)
                    statement.bind(TenantID.first.rawValue)
                    statement.bind(String?.none)
                    statement.bind(String?("+"))
                    statement.bind(batch.options.now().rawValue)
                }
            }
            // An alias that has the name by now keeps it, and the mail has no home.
            if try batch.exists(.selectAddress, address.key) { continue }
            let isFree = try AccountState.read(AccountID(id), from: batch.connection) == nil
            let number = AccountID(isFree ? id : batch.next(\.nextAccount))
            let record = AccountRecord(new: NewAccount(address: address, created: batch.options.now()), id: number)
            try batch.claim(address, tenant: record.tenant, account: number)
            let state = SystemFolders.newAccount(record)
            try batch.insert(state)
            try batch.audit(.system, "account.add", address.key, tenant: record.tenant, account: number)
            batch.adopt(state)
            made.append(text)
        }
        return made
    }

    /// The account of a placement: it bears the address still, or another one does.
    private func find(_ id: Int64, _ address: String) throws(StoreError) -> AccountState? {
        do throws(StoreError) {
            let known = try batch.account(AccountID(id))
            if known.values.record.address.key == address { return known }
        } catch {
            guard case .notFound = error else { throw error }
        }
        let other = try batch.connection.rows(.selectAccountByAddress, { $0.bind(address) }, { $0.integer(0) })
        return try other.first.map { id throws(StoreError) in try batch.account(AccountID(id)) }
    }

    // MARK: Messages

    func bringIn(_ location: ContentLocation, _ report: inout CatchUp.Report) throws(StoreError) {
        // Known to the older index, which says more of it.
        if try batch.references(of: location.contentID) != nil { return }
        let header: RecordHeader
        let placements: [Placement]
        let summary: MessageSummary
        let returnPath: Int64
        do throws(ContentError) {
            let access = try ContentAccess(location, in: content)
            header = access.header
            placements = try access.verify(with: compressor)
            summary = try StoredSummary.make(from: access, with: compressor)
            returnPath = Salvage.returnPath(try access.read(at: 0, length: 1000, with: compressor))
        } catch {
            guard case .damaged(let text) = error else { throw error.storeError }
            report.damage.append("content \(location.contentID): \(text)")
            return
        }
        var references: Int64 = 0
        for placement in placements {
            let isKept =
                switch placement.kind {
                case .folder: try place(placement, header, ThreadKeys.keys(of: summary), location.contentID)
                case .queue: try queue(placement, header, summary, returnPath, location.contentID)
                }
            guard isKept else {
                report.damage.append("content \(location.contentID): nobody here has \(placement.address)")
                continue
            }
            references += 1
            if placement.kind == .folder { report.messages += 1 } else { report.queued += 1 }
        }
        guard references > 0 else { return }
        try batch.insertContent(
            location, codec: header.codec, size: Int64(header.rawLength), references: references,
            summary: ContentSeal.none.seal(summary.encode()), checksum: header.payloadChecksum)
        batch.count(
            segment: location.segment, records: 1, bytes: location.length, end: location.offset + location.length)
    }

    private func place(
        _ placement: Placement, _ header: RecordHeader, _ threads: [Int64], _ contentID: Int64
    ) throws(StoreError) -> Bool {
        guard let account = try find(placement.account, placement.address) else { return false }
        batch.change(account)
        if let lowest = lowestIDs.removeValue(forKey: placement.account) {
            account.values.nextID = max(account.values.nextID, lowest)
        }
        let folder = try folder(of: placement, account)
        let keywords = placement.keywords.split(separator: " ").map { Keyword(String($0)) }
        let arrival = WriteBatch.Arrival(
            size: header.rawLength, threads: threads,
            flags: MessageFlags(SystemFlags(rawValue: placement.flags), keywords: Set(keywords)),
            received: Timestamp(rawValue: placement.received), sender: placement.envelopeSender,
            recipient: placement.envelopeRecipient, delivery: nil)
        _ = try batch.insert(
            arrival, content: contentID, change: try account.takeChange(), into: folder, of: account,
            now: batch.options.now())
        return true
    }

    /// The folder by its id, if that is still the one, else by its path, which is made; else the inbox.
    private func folder(of placement: Placement, _ account: AccountState) throws(StoreError) -> FolderState {
        if let known = account.values.folders[placement.folder], account.path(of: known) == placement.path {
            return known
        }
        var parent = SystemFolder.top
        for name in placement.path.split(separator: "/") {
            let child = account.values.folders.values.first { folder in
                folder.values.parent == parent && folder.values.name == name && folder.values.kind == .mail
            }
            if let child {
                parent = child.id
                continue
            }
            do throws(StoreError) {
                parent = try batch.createFolder(
                    named: String(name), in: parent, kind: .mail, role: nil, of: account.id
                ).id
            } catch {
                guard !error.isTransient else { throw error }
                return try account.folder(SystemFolder.inbox)
            }
        }
        return try account.folder(parent == SystemFolder.top ? SystemFolder.inbox : parent)
    }

    private func queue(
        _ placement: Placement, _ header: RecordHeader, _ summary: MessageSummary, _ returnPath: Int64,
        _ contentID: Int64
    ) throws(StoreError) -> Bool {
        let id = batch.next(\.nextQueue)
        let now = batch.options.now()
        try batch.run(.insertQueue) { statement in
            statement.bind(id)
            statement.bind("again-\(contentID)")
            statement.bind(summary.messageIDText)
            statement.bind(placement.envelopeSender)
            statement.bind(placement.envelopeRecipient)
            statement.bind(placement.envelopeRecipient.split(separator: "@").last.map { String($0) } ?? "")
            statement.bind(now.rawValue)
            statement.bind(now.adding(seconds: Self.queueDays * 86_400).rawValue)
            statement.bind(contentID)
            statement.bind(Int64(header.rawLength))
            statement.bind(returnPath)
            for _ in 0..<4 { statement.bind(String?.none) }
            statement.bind(!placement.envelopeRecipient.utf8.allSatisfy { $0 < 0x80 })
            statement.bind(String?.none)
            statement.bind(placement.received)
        }
        // It may have been sent meanwhile.
        try batch.run(.holdQueued) { $0.bind(id) }
        return true
    }
}
