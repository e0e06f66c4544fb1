import IMAPWire
import MailModel
import MailStore
import NIOCore
import SessionIO

/// Telling the client what has changed in the selected mailbox since it was last told: the difference between the
/// snapshot it has seen and the newest one.
extension IMAPSession {
    /// What a STORE wants told about its own change.
    struct OwnChange {
        /// The messages it named, whose flags are told whether they changed or not; none with `.SILENT`.
        var told: UIDSet
        /// With `.SILENT`, the change and the number it took: rows that only it has changed are not told.
        var silent: (change: FlagChange, number: ChangeNumber)?
        /// UIDs are told too.
        var isUID: Bool
    }

    /// Writes EXPUNGE, EXISTS, RECENT, FLAGS and FETCH for what is new. Where some messages are gone and the client may not
    /// be told now (RFC 9051 §7.5.1), only flags are: its sequence numbers stay as they are until it may.
    func tellNews(mayExpunge: Bool, own: OwnChange? = nil) async {
        guard let box = selected else { return }
        do throws(StoreError) {
            let newest = try await store.mailbox(box.folder)
            guard newest.uidValidity == box.snapshot.uidValidity else {
                return end("The mailbox was restored; select it again")
            }
            await tell(newest, mayExpunge: mayExpunge, own: own)
        } catch {
            if case .notFound = error { return end("The selected mailbox was deleted") }
            _ = failed(error, .noop)
        }
    }

    private func tell(_ newest: MailboxSnapshot, mayExpunge: Bool, own: OwnChange?) async {
        guard var box = selected else { return }
        let old = box.snapshot
        if newest === old, own == nil { return }
        var (newest, own) = (newest, own)
        var difference = MailboxDifference(from: old, to: newest)
        if !mayExpunge, !difference.expunged.isEmpty {
            // Flags cannot wait as well: a FETCH after this client's own STORE would show the flags from before it.
            if let told = own?.told { own?.told = existing(told, in: newest) }
            newest = old.takingFlags(at: difference.changed, of: newest)
            difference = MailboxDifference(from: old, to: newest)
        }
        // From the last, so that the numbers before it stay as they are.
        for index in difference.expunged.reversed() { connection.output.writeIMAPExpunge(index + 1) }
        box.snapshot = newest
        if difference.added > 0, let account {
            connection.output.writeIMAPExists(newest.count)
            if !box.isReadOnly {
                let recent = service.recent.uids(of: account.record.id, in: newest, claim: true)
                box.recent = UIDSet(box.recent.ranges + recent.ranges)
                connection.output.writeIMAPRecent(box.recentCount)
            }
        }
        if newest.keywordSets.sets.count > box.toldKeywordSets {
            box.toldKeywordSets = newest.keywordSets.sets.count
            connection.output.writeIMAPFlagsDefined(SelectedMailbox.keywords(of: newest))
        }
        selected = box
        let silent = silentRows(of: difference, from: old, to: newest, own)
        await tellFlags(
            of: rows(to: newest, difference, own, silent), in: newest, isUID: own?.isUID ?? false, silent: silent)
    }

    /// The rows of `newest` of which the client knows the flags, as it has set them itself with `.SILENT`. Where another
    /// client's change came before, it does not (RFC 9051 §6.4.6).
    private func silentRows(
        of difference: MailboxDifference, from old: MailboxSnapshot, to newest: MailboxSnapshot, _ own: OwnChange?
    ) -> Set<Int> {
        guard let silent = own?.silent else { return [] }
        // Rows share few combinations of keywords; each is worked out once.
        var known: [UInt16: Set<Keyword>] = [:]
        return Set(
            difference.changed.filter { index in
                guard let row = newest.row(at: index), row.change == silent.number,
                    let before = old.index(ofUID: row.uid).flatMap({ old.row(at: $0) }),
                    silent.change.applied(to: before.flags, []).system == row.flags
                else { return false }
                let keywords =
                    known[before.keywordSet]
                    ?? silent.change.applied(to: [], newest.keywordSets[before.keywordSet]).keywords
                known[before.keywordSet] = keywords
                return keywords == newest.keywordSets[row.keywordSet]
            })
    }

    /// The rows of `newest` whose flags are to be told: ascending, disjoint ranges.
    private func rows(
        to newest: MailboxSnapshot, _ difference: MailboxDifference, _ own: OwnChange?, _ silent: Set<Int>
    ) -> [Range<Int>] {
        var rows = difference.changed
        if !machine.knowsModSequences { rows.removeAll { silent.contains($0) } }
        var ranges = rows.map { $0..<$0 + 1 }
        for range in own?.told.ranges ?? [] {
            let end = range.upperBound == .max ? newest.count : newest.lowerBound(uid: range.upperBound + 1)
            let start = newest.lowerBound(uid: range.lowerBound)
            if start < end { ranges.append(start..<end) }
        }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        var joined: [Range<Int>] = []
        for range in ranges {
            if let last = joined.last, range.lowerBound <= last.upperBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }

    private func tellFlags(
        of ranges: [Range<Int>], in snapshot: MailboxSnapshot, isUID: Bool, silent: Set<Int>
    ) async {
        guard !ranges.isEmpty, let box = selected else { return }
        var renderer = IndexRenderer(snapshot, items: items(isUID: isUID), recent: box.recent)
        // RFC 7162 §3.1.3: with .SILENT, the new mod-sequence is told nevertheless, but not the flags.
        var silentRenderer = IndexRenderer(snapshot, items: [.uid, .modSequence], recent: box.recent)
        for range in ranges {
            var row = range.lowerBound
            while row < range.upperBound {
                let isSilent = silent.contains(row)
                var end = row + 1
                while end < min(range.upperBound, row + Self.rowsAtOnce), silent.contains(end) == isSilent { end += 1 }
                if isSilent {
                    silentRenderer.writeLines(row..<end, into: &connection.output)
                } else {
                    renderer.writeLines(row..<end, into: &connection.output)
                }
                row = end
                guard connection.output.readableBytes >= Self.sliceSize else { continue }
                guard await connection.flush() else { return abort() }
                // A fast client never makes `flush` wait; the loop's other connections get their turn here.
                await connection.giveWay()
            }
        }
    }

    /// Rows written between two looks at the connection.
    private static let rowsAtOnce = 512

    /// Those of `uids` that `snapshot` has: a message that is gone has no flags to tell.
    private func existing(_ uids: UIDSet, in snapshot: MailboxSnapshot) -> UIDSet {
        var found: [UInt32] = []
        for range in uids.ranges {
            var index = snapshot.lowerBound(uid: range.lowerBound)
            while let uid = snapshot.uid(at: index), uid <= range.upperBound {
                found.append(uid)
                index += 1
            }
        }
        return UIDSet(uids: found)
    }

    private func items(isUID: Bool) -> [IndexRenderer.Item] {
        // RFC 7162 §3.1: a client that knows mod-sequences is told them with every change.
        if machine.knowsModSequences { return [.uid, .flags, .modSequence] }
        return isUID ? [.uid, .flags] : [.flags]
    }
}
