import MailModel
import MailStore

extension MailboxSnapshot {
    /// These rows with the flags of `newest`, whose rows `changed` (ascending) differ: what a client knows that is told of
    /// flags while it may not be told yet which messages are gone, nor which are new.
    ///
    /// `highestChange` stays: not all changes up to the newest one are in it.
    func takingFlags(at changed: [Int], of newest: MailboxSnapshot) -> MailboxSnapshot {
        var chunks = chunks
        var unseen = unseen
        var rest = changed.compactMap { index -> (position: Position, row: MailboxRow)? in
            guard let row = newest.row(at: index), let own = self.index(ofUID: row.uid),
                let position = position(at: own)
            else { return nil }
            return (position, row)
        }[...]
        while let number = rest.first?.position.chunk {
            let old = chunks[number]
            var (flags, sets, changes) = (old.flags, old.keywordSets, old.changes)
            let group = rest.prefix { $0.position.chunk == number }
            for (position, row) in group {
                let at = position.row
                unseen += (flags[at].contains(.seen) ? 1 : 0) - (row.flags.contains(.seen) ? 1 : 0)
                flags[at] = row.flags
                sets[at] = row.keywordSet
                changes[at] = row.change.rawValue
            }
            chunks[number] = MailboxChunk(
                uids: old.uids, items: old.items, flags: flags, keywordSets: sets, changes: changes, sizes: old.sizes,
                received: old.received)
            rest = rest.dropFirst(group.count)
        }
        return MailboxSnapshot(
            folder: folder, uidValidity: uidValidity, uidNext: uidNext, highestChange: highestChange, chunks: chunks,
            keywordSets: newest.keywordSets, unseen: unseen)
    }
}
