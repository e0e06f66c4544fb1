import ContentStore
import MailModel
import MessageFormat

/// Lost content in the words of those who miss it.
extension Verification {
    fileprivate struct Owner: Sendable {
        let content: Int64
        let account: AccountID
        let folder: Int64
        let uid: UInt32
        let item: ItemID
        let received: Timestamp
        let isDeleted: Bool
    }

    private struct Queued: Sendable {
        let content: Int64
        let sender: String
        let recipient: String
        let received: Timestamp
    }

    /// One pass over all messages, as there is no way from a content to those who have it.
    mutating func nameLost() async throws(StoreError) {
        guard !lost.isEmpty else { return }
        let wanted = Set(lost.keys)
        let (owners, omitted, queued) = try await shard.readers.read(isOneMoment: true) {
            connection throws(StoreError) -> ([Owner], Int, [Queued]) in
            var owners: [Owner] = []
            var omitted = 0
            let items = try asStoreError { () throws(SQLError) in try connection.statement(.selectShownItems) }
            defer { items.finish() }
            while try asStoreError({ () throws(SQLError) in try items.step() }) {
                guard wanted.contains(items.integer(0)) else { continue }
                guard owners.count < VerifyReport.maximumFindings else {
                    omitted += 1
                    continue
                }
                owners.append(Owner(row: items))
            }
            let queued = try connection.rows(
                .selectShownQueue, { _ in },
                { row in
                    wanted.contains(row.integer(0))
                        ? Queued(
                            content: row.integer(0), sender: row.text(1), recipient: row.text(2),
                            received: Timestamp(rawValue: row.integer(3))) : nil
                })
            return (owners, omitted, queued.compactMap { $0 })
        }
        let owned = Set(owners.map(\.content)).union(queued.map(\.content))
        var names: [AccountID: (address: String?, folders: FolderNames)] = [:]
        for owner in owners.sorted(by: { ($0.account, $0.folder, $0.uid) < ($1.account, $1.folder, $1.uid) }) {
            guard let entry = lost[owner.content] else { continue }
            if names[owner.account] == nil { names[owner.account] = try await self.names(of: owner.account) }
            let subject = try await subject(of: owner.content, entry)
            let message = VerifyReport.Message(
                item: owner.item, folder: names[owner.account]?.folders.path(owner.folder) ?? "", uid: owner.uid,
                received: owner.received, subject: subject, isDeleted: owner.isDeleted)
            report.add(
                VerifyReport.Finding(
                    account: owner.account, address: names[owner.account]?.address, message: message,
                    object: message.description, damage: Self.words(entry), isRepaired: entry.isRepaired))
        }
        for queued in queued {
            guard let entry = lost[queued.content] else { continue }
            let sender = queued.sender.isEmpty ? "a report" : "mail from \(queued.sender)"
            report.add(
                VerifyReport.Finding(
                    object: "\(sender) that waits for \(queued.recipient), received \(queued.received.shown)",
                    damage: Self.words(entry), isRepaired: entry.isRepaired))
        }
        for (content, entry) in lost.sorted(by: { $0.key < $1.key })
        where !owned.contains(content) && !entry.isNamed && omitted == 0 {
            // Its row has gone meanwhile, or nobody has referred to it for long: told with its references.
            guard try await shard.exists(content) else { continue }
            add(
                "content \(content)", "\(entry.damage); no message refers to it, and none is affected",
                isRepaired: entry.isRepaired)
        }
        if omitted > 0 { add("the content", "\(omitted) more messages have lost theirs") }
    }

    private static func words(_ entry: LostContent) -> String {
        if entry.isRepaired || entry.damage.hasSuffix("is sound") { return entry.damage }
        return entry.damage + "; the message stays in its folder, and who asks for its text is told that it is damaged"
    }

    private func names(of id: AccountID) async throws(StoreError) -> (address: String?, folders: FolderNames) {
        let address = try await shard.directory.account(id)?.address.description
        let folders = try await shard.readers.read { connection throws(StoreError) in
            try connection.rows(
                .selectFolders, { $0.bind(id.rawValue) },
                { (id: $0.integer(0), parent: $0.optionalInteger(1), name: $0.text(2)) })
        }
        return (address, FolderNames(folders))
    }

    private func subject(of content: Int64, _ entry: LostContent) async throws(StoreError) -> String? {
        if let subject = entry.subject { return subject }
        let summary = try await shard.readers.read { connection throws(StoreError) in
            try connection.rows(.selectShownContent, { $0.bind(content) }, { $0.bytes(0) }).first
        }
        return summary.flatMap { MessageSummary(decoding: ContentSeal.none.open($0)) }?.shownSubject
    }
}

extension DatabaseShard {
    fileprivate func exists(_ content: Int64) async throws(StoreError) -> Bool {
        try await readers.read { connection throws(StoreError) in
            try !connection.rows(.selectContentReferences, { $0.bind(content) }, { $0.integer(0) }).isEmpty
        }
    }
}

extension Verification.Owner {
    fileprivate init(row: any SQLStatement) {
        self.init(
            content: row.integer(0), account: AccountID(row.integer(1)), folder: row.integer(2),
            uid: UInt32(truncatingIfNeeded: row.integer(3)), item: ItemID(row.integer(4)),
            received: Timestamp(rawValue: row.integer(5)), isDeleted: !row.isNull(6))
    }
}
