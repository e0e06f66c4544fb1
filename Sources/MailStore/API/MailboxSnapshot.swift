package import MailModel

/// About a thousand consecutive messages of a folder as plain arrays. Never changed once built: a change makes a new
/// chunk, and every session that does not see the change yet keeps the old one.
package final class MailboxChunk: Sendable {
    /// Rows a chunk is filled to.
    package static let capacity = 1024

    /// Ascending.
    package let uids: [UInt32]
    package let items: [Int64]
    package let flags: [SystemFlags]
    /// Index into the account's `KeywordSets`.
    package let keywordSets: [UInt16]
    /// MODSEQ: the larger of the item's change number and its read-state change number.
    package let changes: [Int64]
    /// RFC822.SIZE in bytes.
    package let sizes: [UInt32]
    /// INTERNALDATE in seconds since 1970.
    package let received: [Int64]

    package var count: Int { uids.count }

    package init(
        uids: [UInt32], items: [Int64], flags: [SystemFlags], keywordSets: [UInt16], changes: [Int64],
        sizes: [UInt32], received: [Int64]
    ) {
        self.uids = uids
        self.items = items
        self.flags = flags
        self.keywordSets = keywordSets
        self.changes = changes
        self.sizes = sizes
        self.received = received
    }
}

/// The distinct sets of keywords used in an account, numbered; 0 is the empty set. Grows only, so an older value is a
/// prefix of a newer one.
package struct KeywordSets: Sendable {
    package private(set) var sets: [Set<Keyword>]

    package init(_ sets: [Set<Keyword>] = [[]]) { self.sets = sets }

    package subscript(_ number: UInt16) -> Set<Keyword> {
        Int(number) < sets.count ? sets[Int(number)] : []
    }

    package mutating func append(_ set: Set<Keyword>) { sets.append(set) }
}

/// A folder's messages at one moment, in UID order. A session holds the one its client has been told about; what it
/// must tell the client is the difference to the newest (`MailboxDifference`).
package final class MailboxSnapshot: Sendable {
    package let folder: FolderID
    package let uidValidity: UInt32
    package let uidNext: UInt32
    package let highestChange: ChangeNumber
    package let chunks: [MailboxChunk]
    /// `starts[i]` is the index of the first row of `chunks[i]`; one more entry holds `count`.
    package let starts: [Int]
    package let keywordSets: KeywordSets
    package let unseen: Int
    package var count: Int { starts[starts.count - 1] }

    package init(
        folder: FolderID, uidValidity: UInt32, uidNext: UInt32, highestChange: ChangeNumber, chunks: [MailboxChunk],
        keywordSets: KeywordSets, unseen: Int
    ) {
        self.folder = folder
        self.uidValidity = uidValidity
        self.uidNext = uidNext
        self.highestChange = highestChange
        self.chunks = chunks
        self.keywordSets = keywordSets
        self.unseen = unseen
        var starts = [0]
        starts.reserveCapacity(chunks.count + 1)
        for chunk in chunks { starts.append(starts[starts.count - 1] + chunk.count) }
        self.starts = starts
    }

    /// Where a row is: chunk and row within it.
    package struct Position: Hashable, Sendable {
        package let chunk: Int
        package let row: Int
    }

    /// The position of the row at `index` (IMAP sequence number minus one); nil outside the folder.
    package func position(at index: Int) -> Position? {
        guard index >= 0, index < count else { return nil }
        var low = 0
        var high = chunks.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if starts[middle] <= index { low = middle } else { high = middle }
        }
        return Position(chunk: low, row: index - starts[low])
    }

    /// The index of the first row whose UID is at least `uid`; `count` if there is none.
    package func lowerBound(uid: UInt32) -> Int {
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            if let last = chunks[middle].uids.last, last < uid { low = middle + 1 } else { high = middle }
        }
        guard low < chunks.count else { return count }
        let uids = chunks[low].uids
        var first = 0
        var end = uids.count
        while first < end {
            let middle = (first + end) / 2
            if uids[middle] < uid { first = middle + 1 } else { end = middle }
        }
        return starts[low] + first
    }

    /// The index of `uid`, if it is in the folder.
    package func index(ofUID uid: UInt32) -> Int? {
        let index = lowerBound(uid: uid)
        return self.uid(at: index) == uid ? index : nil
    }

    package func uid(at index: Int) -> UInt32? {
        position(at: index).map { chunks[$0.chunk].uids[$0.row] }
    }

    /// The row at `index` as one value, for code that is not hot.
    package func row(at index: Int) -> MailboxRow? {
        guard let position = position(at: index) else { return nil }
        return row(at: position)
    }

    package func row(at position: Position) -> MailboxRow {
        let chunk = chunks[position.chunk]
        let row = position.row
        return MailboxRow(
            uid: chunk.uids[row], item: ItemID(chunk.items[row]), flags: chunk.flags[row],
            keywordSet: chunk.keywordSets[row], change: ChangeNumber(chunk.changes[row]), size: chunk.sizes[row],
            received: chunk.received[row])
    }

    /// The index of the first message without \Seen (RFC 3501 §6.3.1 UNSEEN).
    package var firstUnseen: Int? {
        guard unseen > 0 else { return nil }
        for (chunk, start) in zip(chunks, starts) {
            if let row = chunk.flags.firstIndex(where: { !$0.contains(.seen) }) { return start + row }
        }
        return nil
    }
}

/// One message of a snapshot.
package struct MailboxRow: Hashable, Sendable {
    package let uid: UInt32
    package let item: ItemID
    package let flags: SystemFlags
    package let keywordSet: UInt16
    package let change: ChangeNumber
    package let size: UInt32
    /// Seconds since 1970.
    package let received: Int64
}
