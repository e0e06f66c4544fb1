import IMAPWire
import MailModel
import MailStore

/// The mailbox a session has selected, as its client knows it.
struct SelectedMailbox {
    let folder: FolderID
    let name: MailboxName
    let isReadOnly: Bool
    /// What the client has been told: its sequence numbers are indexes into this, plus one.
    var snapshot: MailboxSnapshot
    /// \Recent in this session.
    var recent: UIDSet
    /// Keyword sets known when FLAGS was last sent.
    var toldKeywordSets: Int
    /// Wakes the connection when the folder changes.
    let subscription: StoreSubscription

    /// How many of `snapshot`'s messages are \Recent.
    var recentCount: Int {
        recent.ranges.reduce(0) { count, range in
            let end =
                range.upperBound == .max ? snapshot.count : snapshot.lowerBound(uid: range.upperBound + 1)
            return count + end - snapshot.lowerBound(uid: range.lowerBound)
        }
    }

    /// The UIDs of `rows`. As new messages get larger UIDs, no other message can be among them.
    func uids(of rows: RowSelection) -> UIDSet {
        UIDSet(
            rows.ranges.compactMap { range in
                guard let first = snapshot.uid(at: range.lowerBound), let last = snapshot.uid(at: range.upperBound - 1)
                else { return nil }
                return first...last
            })
    }

    /// `uids` as the client calls them: UIDs or sequence numbers. Those it does not know are left out.
    func numbers(of uids: UIDSet, isUID: Bool) -> NumberSet {
        var numbers = NumberSet()
        for range in uids.ranges {
            var index = snapshot.lowerBound(uid: range.lowerBound)
            while let uid = snapshot.uid(at: index), uid <= range.upperBound {
                numbers.append(isUID ? uid : UInt32(clamping: index + 1))
                index += 1
            }
        }
        return numbers
    }

    /// Keywords in use, for FLAGS and PERMANENTFLAGS; a bounded number of them, as all go into one line.
    static func keywords(of snapshot: MailboxSnapshot) -> [Keyword] {
        let all = snapshot.keywordSets.sets.reduce(into: Set<Keyword>()) { $0.formUnion($1) }
        return Array(all.sorted { $0.name < $1.name }.prefix(200))
    }
}
