import MailModel

/// New values of one row's flags.
struct RowUpdate {
    let index: Int
    let flags: SystemFlags
    let keywordSet: UInt16
    let change: Int64
}

/// Changes make new snapshots; chunks that a change does not touch are shared.
extension MailboxSnapshot {
    /// A folder without messages.
    static func empty(_ folder: FolderID, _ numbers: FolderValues) -> MailboxSnapshot {
        MailboxSnapshot(
            folder: folder, uidValidity: numbers.uidValidity, uidNext: numbers.uidNext,
            highestChange: ChangeNumber(numbers.highestChange), chunks: [], keywordSets: KeywordSets(), unseen: 0)
    }

    /// With the folder's numbers as they are now, and `chunks`.
    func replacing(chunks: [MailboxChunk], unseen: Int, numbers: FolderValues, keywords: KeywordSets) -> MailboxSnapshot
    {
        MailboxSnapshot(
            folder: folder, uidValidity: numbers.uidValidity, uidNext: numbers.uidNext,
            highestChange: ChangeNumber(numbers.highestChange), chunks: chunks, keywordSets: keywords, unseen: unseen)
    }

    /// `rows` have larger UIDs than all others, in ascending order.
    func appending(_ rows: [MailboxRow], numbers: FolderValues, keywords: KeywordSets) -> MailboxSnapshot {
        var chunks = chunks
        var rest = rows[...]
        if let last = chunks.last, last.count < MailboxChunk.capacity {
            let part = rest.prefix(MailboxChunk.capacity - last.count)
            chunks[chunks.count - 1] = last.appending(part)
            rest = rest.dropFirst(part.count)
        }
        while !rest.isEmpty {
            let part = rest.prefix(MailboxChunk.capacity)
            chunks.append(MailboxChunk.empty.appending(part))
            rest = rest.dropFirst(part.count)
        }
        let added = rows.reduce(0) { $0 + ($1.flags.contains(.seen) ? 0 : 1) }
        return replacing(chunks: chunks, unseen: unseen + added, numbers: numbers, keywords: keywords)
    }

    /// `updates` in ascending order of index.
    func updating(_ updates: [RowUpdate], numbers: FolderValues, keywords: KeywordSets) -> MailboxSnapshot {
        var chunks = chunks
        var unseen = unseen
        var next = 0
        for number in chunks.indices where next < updates.count {
            let end = starts[number + 1]
            guard updates[next].index < end else { continue }
            let old = chunks[number]
            var (flags, sets, changes) = (old.flags, old.keywordSets, old.changes)
            while next < updates.count, updates[next].index < end {
                let row = updates[next].index - starts[number]
                unseen += (flags[row].contains(.seen) ? 1 : 0) - (updates[next].flags.contains(.seen) ? 1 : 0)
                flags[row] = updates[next].flags
                sets[row] = updates[next].keywordSet
                changes[row] = updates[next].change
                next += 1
            }
            chunks[number] = MailboxChunk(
                uids: old.uids, items: old.items, flags: flags, keywordSets: sets, changes: changes, sizes: old.sizes,
                received: old.received)
        }
        return replacing(chunks: chunks, unseen: unseen, numbers: numbers, keywords: keywords)
    }

    /// `indexes` in ascending order.
    func removing(_ indexes: [Int], numbers: FolderValues, keywords: KeywordSets) -> MailboxSnapshot {
        var kept: [MailboxChunk] = []
        kept.reserveCapacity(chunks.count)
        var unseen = unseen
        var next = 0
        for (number, chunk) in chunks.enumerated() {
            let end = starts[number + 1]
            let first = next
            while next < indexes.count, indexes[next] < end {
                if !chunk.flags[indexes[next] - starts[number]].contains(.seen) { unseen -= 1 }
                next += 1
            }
            if next == first {
                kept.append(chunk)
            } else if next - first < chunk.count {
                let rest = chunk.removing(indexes[first..<next], start: starts[number])
                // Small neighbours are joined, so that a folder that shrinks does not keep a chunk per message.
                if let last = kept.last, last.count + rest.count <= MailboxChunk.capacity / 2 {
                    kept[kept.count - 1] = last.appending(rest)
                } else {
                    kept.append(rest)
                }
            }
        }
        return replacing(chunks: kept, unseen: unseen, numbers: numbers, keywords: keywords)
    }

    /// Indexes of those of `uids` that exist, ascending.
    func indexes(of uids: UIDSet) -> [Int] {
        var found: [Int] = []
        for range in uids.ranges {
            let first = lowerBound(uid: range.lowerBound)
            let end = range.upperBound == .max ? count : lowerBound(uid: range.upperBound + 1)
            if first < end { found.append(contentsOf: first..<end) }
        }
        return found
    }
}

extension MailboxChunk {
    static let empty = MailboxChunk(
        uids: [], items: [], flags: [], keywordSets: [], changes: [], sizes: [], received: [])

    func appending(_ rows: ArraySlice<MailboxRow>) -> MailboxChunk {
        MailboxChunk(
            uids: Self.joined(uids, rows) { $0.uid }, items: Self.joined(items, rows) { $0.item.rawValue },
            flags: Self.joined(flags, rows) { $0.flags }, keywordSets: Self.joined(keywordSets, rows) { $0.keywordSet },
            changes: Self.joined(changes, rows) { $0.change.rawValue }, sizes: Self.joined(sizes, rows) { $0.size },
            received: Self.joined(received, rows) { $0.received })
    }

    private static func joined<Element>(
        _ old: [Element], _ rows: ArraySlice<MailboxRow>, _ value: (MailboxRow) -> Element
    ) -> [Element] {
        [Element](unsafeUninitializedCapacity: old.count + rows.count) { buffer, count in
            _ = buffer.initialize(from: old)
            count = old.count
            for row in rows {
                buffer.initializeElement(at: count, to: value(row))
                count += 1
            }
        }
    }

    fileprivate func appending(_ other: MailboxChunk) -> MailboxChunk {
        MailboxChunk(
            uids: uids + other.uids, items: items + other.items, flags: flags + other.flags,
            keywordSets: keywordSets + other.keywordSets, changes: changes + other.changes, sizes: sizes + other.sizes,
            received: received + other.received)
    }

    /// Without the rows at `indexes`, which count from `start`.
    fileprivate func removing(_ indexes: ArraySlice<Int>, start: Int) -> MailboxChunk {
        var keep = [Bool](repeating: true, count: count)
        for index in indexes { keep[index - start] = false }
        func filtered<Element>(_ values: [Element]) -> [Element] {
            var result: [Element] = []
            result.reserveCapacity(values.count - indexes.count)
            for (index, value) in values.enumerated() where keep[index] { result.append(value) }
            return result
        }
        return MailboxChunk(
            uids: filtered(uids), items: filtered(items), flags: filtered(flags), keywordSets: filtered(keywordSets),
            changes: filtered(changes), sizes: filtered(sizes), received: filtered(received))
    }
}
