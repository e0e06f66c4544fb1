/// What a client that knows `old` must be told to know `new` (RFC 9051 §7.5).
package struct MailboxDifference: Hashable, Sendable {
    /// Indexes into `old` of rows that are gone, ascending.
    package private(set) var expunged: [Int] = []
    /// Indexes into `new` of rows whose flags or change number differ.
    package private(set) var changed: [Int] = []
    /// How many rows at the end of `new` are new.
    package private(set) var added = 0

    package var isEmpty: Bool { expunged.isEmpty && changed.isEmpty && added == 0 }

    /// Shared chunks are skipped, so the cost follows what changed and the number of chunks, not of messages.
    package init(from old: MailboxSnapshot, to new: MailboxSnapshot) {
        if old === new { return }
        var (oldChunk, newChunk) = (0, 0)
        var (oldRow, newRow) = (0, 0)
        while oldChunk < old.chunks.count || newChunk < new.chunks.count {
            let left = oldChunk < old.chunks.count ? old.chunks[oldChunk] : nil
            let right = newChunk < new.chunks.count ? new.chunks[newChunk] : nil
            if let left, let right, oldRow == 0, newRow == 0, left === right {
                oldChunk += 1
                newChunk += 1
                continue
            }
            if let left, oldRow >= left.count {
                (oldChunk, oldRow) = (oldChunk + 1, 0)
                continue
            }
            if let right, newRow >= right.count {
                (newChunk, newRow) = (newChunk + 1, 0)
                continue
            }
            let oldUID = left?.uids[oldRow] ?? .max
            let newUID = right?.uids[newRow] ?? .max
            if left != nil, right == nil || oldUID < newUID {
                expunged.append(old.starts[oldChunk] + oldRow)
                oldRow += 1
            } else if right != nil, left == nil || newUID < oldUID {
                added += 1
                newRow += 1
            } else if let left, let right {
                if left.changes[oldRow] != right.changes[newRow] || left.flags[oldRow] != right.flags[newRow] {
                    changed.append(new.starts[newChunk] + newRow)
                }
                oldRow += 1
                newRow += 1
            }
        }
    }
}
