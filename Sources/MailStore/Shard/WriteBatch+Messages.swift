import ContentStore
import MailModel
import MessageFormat
import Synchronization

/// The changes of one account's messages. Each is one job or part of one.
extension WriteBatch {
    /// A message about to become a row.
    struct Arrival {
        /// Of the raw bytes.
        let size: Int
        /// Keys of the conversations that it may belong to.
        let threads: [Int64]
        let flags: MessageFlags
        let received: Timestamp
        let sender: String?
        let recipient: String?
        let delivery: DeliveryID?
    }

    /// Inserts one row and its log entry. Nil if the delivery has been stored before; then nothing has changed.
    func insert(
        _ arrival: Arrival, content contentID: Int64, change number: Int64, into folder: FolderState,
        of account: AccountState,
        now: Timestamp
    ) throws(StoreError) -> Placement? {
        let size = Int64(arrival.size)
        guard size <= UInt32.max else { throw .limit("a message has at most 4 GB") }
        change(account)
        change(folder, of: account)
        guard folder.values.uidNext < .max else { throw .limit("the folder has used up its UIDs") }
        let id = try account.takeID()
        let uid = folder.values.uidNext
        let set = try keywordSet(arrival.flags.keywords, of: account)
        let thread = try self.thread(of: arrival.threads, id: id, account: account.id)
        let isNew = try sql { connection throws(SQLError) in
            let statement = try connection.statement(.insertItem)
            statement.bind(account.id.rawValue)
            statement.bind(folder.id.rawValue)
            statement.bind(Int64(uid))
            statement.bind(id)
            statement.bind(Int64(arrival.flags.system.rawValue))
            statement.bind(Int64(set))
            statement.bind(number)
            statement.bind(number)
            statement.bind(id)
            statement.bind(thread)
            statement.bind(arrival.received.rawValue)
            statement.bind(now.rawValue)
            statement.bind(now.rawValue)
            statement.bind(size)
            statement.bind(arrival.sender)
            statement.bind(arrival.recipient)
            statement.bind(arrival.delivery?.rawValue)
            statement.bind(contentID)
            defer { statement.finish() }
            _ = try statement.step()
            return statement.changes == 1
        }
        // The numbers taken stay taken: ids and UIDs may have gaps.
        guard isNew else { return nil }
        try log(.create, id, folder, uid: uid, email: id, change: number, account, now)
        folder.values.uidNext = uid + 1
        count(size, flags: arrival.flags.system, in: folder, of: account, by: 1, change: number)
        if let snapshot = folder.values.snapshot {
            let row = MailboxRow(
                uid: uid, item: ItemID(id), flags: arrival.flags.system, keywordSet: set, change: ChangeNumber(number),
                size: UInt32(clamping: size), received: arrival.received.seconds)
            folder.values.snapshot = snapshot.appending(
                [row], numbers: folder.values, keywords: account.values.keywords.sets)
        }
        return Placement(
            kind: .folder, account: account.id.rawValue, address: account.values.record.address.key,
            folder: folder.id.rawValue,
            path: account.path(of: folder), item: id, email: id, thread: thread, uid: uid,
            flags: arrival.flags.system.rawValue,
            keywords: set == 0 ? "" : KeywordTable.text(arrival.flags.keywords), received: arrival.received.rawValue,
            saved: now.rawValue, envelopeSender: arrival.sender ?? "", envelopeRecipient: arrival.recipient ?? "")
    }

    /// Folder and account counters when a row comes (1) or goes (-1).
    func count(
        _ size: Int64, flags: SystemFlags, in folder: FolderState, of account: AccountState, by step: Int64,
        change: Int64
    ) {
        folder.values.count(flags: flags, size: size, by: step)
        folder.values.highestChange = change
        account.values.bytes += step * size
        account.values.messages += step
    }

    func keywordSet(_ keywords: Set<Keyword>, of account: AccountState) throws(StoreError) -> UInt16 {
        if keywords.isEmpty { return 0 }
        try account.values.keywords.check(keywords)
        let (number, isNew) = account.values.keywords.number(of: keywords)
        if isNew {
            let text = KeywordTable.text(account.values.keywords.sets[number])
            try sql { connection throws(SQLError) in
                let statement = try connection.statement(.insertKeywordSet)
                statement.bind(account.id.rawValue)
                statement.bind(Int64(number))
                statement.bind(text)
                try statement.run()
            }
        }
        return number
    }

    /// The conversation that the message belongs to, or a new one named after `id`; its keys lead there from now on.
    private func thread(of keys: [Int64], id: Int64, account: AccountID) throws(StoreError) -> Int64 {
        guard !keys.isEmpty else { return id }
        return try sql { connection throws(SQLError) in
            var thread: Int64?
            // A message that answers nothing joins a conversation only if answers to it came first: then its key is taken.
            if keys.count > 1 {
                for key in keys where thread == nil { thread = try self.thread(key, account, connection) }
            }
            for key in keys {
                let statement = try connection.statement(.insertThread)
                statement.bind(account.rawValue)
                statement.bind(key)
                statement.bind(thread ?? id)
                _ = try statement.step()
                let isNew = statement.changes == 1
                statement.finish()
                if !isNew, keys.count == 1 { thread = try self.thread(key, account, connection) }
            }
            return thread ?? id
        }
    }

    private func thread(_ key: Int64, _ account: AccountID, _ connection: any SQLConnection) throws(SQLError) -> Int64?
    {
        let statement = try connection.statement(.selectThread)
        defer { statement.finish() }
        statement.bind(account.rawValue)
        statement.bind(key)
        return try statement.step() ? statement.integer(0) : nil
    }

    func log(
        _ operation: Change.Operation, _ id: Int64, _ folder: FolderState, from old: FolderID? = nil, uid: UInt32?,
        email: Int64?, change: Int64, _ account: AccountState, _ now: Timestamp, object: Change.Object = .item
    ) throws(StoreError) {
        try sql { connection throws(SQLError) in
            let statement = try connection.statement(.insertChange)
            statement.bind(account.id.rawValue)
            statement.bind(change)
            statement.bind(object.rawValue)
            statement.bind(id)
            statement.bind(operation.rawValue)
            statement.bind(object == .item ? folder.id.rawValue : folder.values.parent?.rawValue)
            statement.bind(old?.rawValue)
            statement.bind(uid.map(Int64.init))
            statement.bind(email)
            statement.bind(now.rawValue)
            try statement.run()
        }
    }

    // MARK: Content

    /// The id for content that rows are about to refer to, and whether its record has yet to be written.
    func contentID(for content: PreparedContent) throws(StoreError) -> (id: Int64, isNew: Bool) {
        if let planned = plannedContent(content) { return (planned, false) }
        if let stored = content.storedID.withLock({ $0 }), try references(of: stored) != nil { return (stored, false) }
        return (next(\.nextContent), true)
    }

    func references(of content: Int64) throws(StoreError) -> (count: Int64, segment: Int64, length: Int64)? {
        try sql { connection throws(SQLError) in
            let statement = try connection.statement(.selectContentReferences)
            defer { statement.finish() }
            statement.bind(content)
            guard try statement.step() else { return nil }
            return (statement.integer(0), statement.integer(1), statement.integer(2))
        }
    }

    /// Refers to the content `references` times, with a record and a row of its own if it is new.
    func keep(
        _ content: FileContent, as id: Int64, isNew: Bool, references: Int, received: Timestamp, placements: [Placement]
    ) throws(StoreError) {
        guard isNew else { return try addReferences(Int64(references), to: id) }
        let location: ContentLocation
        do throws(ContentError) {
            location = try segments.append(
                content.prepared, id: id, received: received.rawValue, placements: placements)
        } catch {
            throw error.storeError
        }
        try insertContent(
            location, codec: content.prepared.codec, size: Int64(content.prepared.rawLength),
            references: Int64(references),
            summary: ContentSeal.none.seal(content.summary), checksum: content.prepared.payloadChecksum)
        count(segment: location.segment, records: 1, bytes: location.length, end: location.offset + location.length)
        plan(content.prepared, as: id)
    }

    /// `summary`: sealed.
    func insertContent(
        _ location: ContentLocation, codec: ContentCodec, size: Int64, references: Int64, summary: [UInt8],
        checksum: UInt32
    ) throws(StoreError) {
        try run(.insertContent) { statement in
            statement.bind(location.contentID)
            statement.bind(location.segment)
            statement.bind(location.offset)
            statement.bind(location.length)
            statement.bind(Int64(codec.rawValue))
            statement.bind(size)
            statement.bind(references)
            statement.bind(Int64(SummaryFormat.version))
            statement.bind(summary)
            statement.bind(Int64(checksum))
        }
    }

    func addReferences(_ count: Int64, to content: Int64) throws(StoreError) {
        try sql { connection throws(SQLError) in
            let statement = try connection.statement(.addContentReferences)
            statement.bind(count)
            statement.bind(content)
            try statement.run()
        }
    }

    /// Takes back references; content without any is gone with the commit. The bytes it held come back.
    func release(_ content: Int64, count: Int64 = 1) throws(StoreError) -> Int64 {
        guard let known = try references(of: content) else { return 0 }
        guard known.count <= count else {
            try addReferences(-count, to: content)
            return 0
        }
        try sql { connection throws(SQLError) in
            let statement = try connection.statement(.deleteContent)
            statement.bind(content)
            try statement.run()
        }
        if known.segment == 0 {
            let folder = content
            afterCommit { [segments] in segments.removeObject(folder) }
        } else {
            self.count(segment: known.segment, records: -1, bytes: -known.length)
        }
        return known.length
    }

    // MARK: Append and delivery

    func append(_ messages: [NewMessage], to folderID: FolderID, of id: AccountID) throws(StoreError) -> AppendResult {
        let now = options.now()
        let account = try account(id)
        let folder = try account.folder(folderID)
        var arrivals: [(arrival: Arrival, content: FileContent)] = []
        for message in messages {
            guard let content = message.message.content as? FileContent else {
                throw .notAllowed("the message was staged by another store")
            }
            let arrival = Arrival(
                size: content.prepared.rawLength, threads: content.threads, flags: message.flags,
                received: message.received, sender: message.envelopeSender, recipient: message.envelopeRecipient,
                delivery: nil)
            arrivals.append((arrival, content))
        }
        try account.checkQuota(arrivals.reduce(0) { $0 + Int64($1.arrival.size) })
        guard !arrivals.isEmpty else {
            return AppendResult(
                uidValidity: folder.values.uidValidity, uids: [], items: [], change: ChangeNumber(account.values.change)
            )
        }
        change(account)
        let number = try account.takeChange()
        var (uids, items): ([UInt32], [ItemID]) = ([], [])
        for (arrival, content) in arrivals {
            let (contentID, isNew) = try self.contentID(for: content.prepared)
            guard
                let placement = try insert(
                    arrival, content: contentID, change: number, into: folder, of: account, now: now)
            else { throw .damaged("a row without a delivery id is a duplicate") }
            try keep(
                content, as: contentID, isNew: isNew, references: 1, received: arrival.received,
                placements: [placement])
            uids.append(placement.uid)
            items.append(ItemID(placement.item))
        }
        return AppendResult(
            uidValidity: folder.values.uidValidity, uids: uids, items: items, change: ChangeNumber(number))
    }

    func deliver(_ delivery: NewDelivery, _ content: FileContent) throws(StoreError) -> DeliveryResult {
        let now = options.now()
        let (contentID, isNew) = try self.contentID(for: content.prepared)
        var placements: [Placement] = []
        var outcomes: [DeliveryResult.Outcome] = []
        outcomes.reserveCapacity(delivery.local.count)
        for local in delivery.local {
            do throws(StoreError) {
                if let placement = try place(local, of: delivery, content, contentID, now) {
                    placements.append(placement)
                    outcomes.append(.stored(ItemID(placement.item)))
                } else {
                    outcomes.append(.duplicate)
                }
            } catch {
                // Only what is wrong with this one account; a failing database fails the delivery.
                switch error {
                case .diskFull, .unavailable, .damaged: throw error
                default: outcomes.append(.failed(error))
                }
            }
        }
        for entry in delivery.remote {
            if try queue(entry, of: delivery, contentID) {
                placements.append(
                    Placement(
                        kind: .queue, received: delivery.received.rawValue, saved: now.rawValue,
                        envelopeSender: delivery.sender?.ascii ?? "", envelopeRecipient: entry.recipient.ascii))
            }
        }
        if !placements.isEmpty {
            try keep(
                content, as: contentID, isNew: isNew, references: placements.count, received: delivery.received,
                placements: placements)
        }
        // A repetition has left its trace the first time.
        let isRepetition =
            placements.isEmpty && !(delivery.local.isEmpty && delivery.remote.isEmpty)
            && !outcomes.contains { if case .failed = $0 { true } else { false } }
        if !isRepetition { try trace(delivery.trace) }
        return DeliveryResult(outcomes: outcomes)
    }

    private func place(
        _ local: LocalPlacement, of delivery: NewDelivery, _ content: FileContent, _ contentID: Int64, _ now: Timestamp
    ) throws(StoreError) -> Placement? {
        let account = try account(local.account)
        let folder = try account.folder(local.folder)
        try account.values.keywords.check(local.flags.keywords)
        let arrival = Arrival(
            size: content.prepared.rawLength, threads: content.threads, flags: local.flags,
            received: delivery.received, sender: delivery.sender?.key ?? "", recipient: local.recipient.key,
            delivery: delivery.id)
        do throws(StoreError) {
            try account.checkQuota(Int64(content.prepared.rawLength))
        } catch {
            // Stored before the quota was full: that is no failure.
            if try isDelivered(arrival, account.id) { return nil }
            throw error
        }
        change(account)
        return try insert(
            arrival, content: contentID, change: try account.takeChange(), into: folder, of: account, now: now)
    }

    private func isDelivered(_ arrival: Arrival, _ account: AccountID) throws(StoreError) -> Bool {
        try sql { connection throws(SQLError) in
            let statement = try connection.statement(.selectDelivered)
            defer { statement.finish() }
            statement.bind(account.rawValue)
            statement.bind(arrival.delivery?.rawValue)
            statement.bind(arrival.recipient)
            return try statement.step()
        }
    }

    /// Whether the row is new.
    private func queue(
        _ entry: NewQueueEntry, of delivery: NewDelivery, _ contentID: Int64
    ) throws(StoreError) -> Bool {
        let id = next(\.nextQueue)
        return try sql { connection throws(SQLError) in
            let statement = try connection.statement(.insertQueue)
            statement.bind(id)
            statement.bind(delivery.id.rawValue)
            statement.bind(delivery.message.summary.messageIDText)
            statement.bind(delivery.sender?.ascii ?? "")
            statement.bind(entry.recipient.ascii)
            statement.bind(entry.recipient.domain.ascii)
            statement.bind(delivery.received.rawValue)
            statement.bind(entry.expires.rawValue)
            statement.bind(contentID)
            statement.bind(Int64(delivery.message.size))
            statement.bind(Int64(entry.skip))
            statement.bind(entry.notify)
            statement.bind(entry.originalRecipient)
            statement.bind(entry.envelopeID)
            statement.bind(entry.returnContent)
            statement.bind(entry.needsSMTPUTF8)
            statement.bind(entry.bodyType)
            statement.bind(delivery.received.rawValue)
            defer { statement.finish() }
            _ = try statement.step()
            return statement.changes == 1
        }
    }

    func trace(_ events: [TraceEvent]) throws(StoreError) {
        for event in events {
            let id = next(\.nextTrace)
            try sql { connection throws(SQLError) in
                let statement = try connection.statement(.insertTrace)
                statement.bind(event.delivery.rawValue)
                statement.bind(id)
                statement.bind(event.time.rawValue)
                statement.bind(event.stage)
                statement.bind(event.sender)
                statement.bind(event.recipient)
                statement.bind(event.messageID)
                statement.bind(event.outcome)
                statement.bind(event.code.map(Int64.init))
                statement.bind(event.enhanced)
                statement.bind(event.remote)
                statement.bind(event.text)
                try statement.run()
            }
        }
    }
}

/// The version of what `MessageSummary` derives.
enum SummaryFormat {
    static let version = MessageSummary.version
}

extension AccountState {
    /// Levels below the top, for salvage; empty for system folders.
    func path(of folder: FolderState) -> String {
        guard folder.id.rawValue > FolderID.lastReserved else { return "" }
        var names = [folder.values.name]
        var next = folder.values.parent
        while let parent = next, parent != SystemFolder.top, let above = values.folders[parent.rawValue],
            names.count <= Self.maximumDepth
        {
            names.append(above.values.name)
            next = above.values.parent
        }
        return names.reversed().joined(separator: "/")
    }
}
