import MailModel
import MailStore
import Synchronization

/// Which messages are \Recent: the first session that selects a folder for writing after they arrived is the only one told
/// so (RFC 3501 §2.3.2).
///
/// Kept in memory, as IMAP4rev2 has given the flag up. What arrived before this process started counts as old.
final class RecentMessages: Sendable {
    private struct Key: Hashable {
        let account: AccountID
        let folder: FolderID
    }

    /// Folders remembered; beyond it all are forgotten, and some old messages become \Recent once more.
    private static let capacity = 200_000

    private let start: Timestamp
    /// The largest UID that some session was told about.
    private let marks = Mutex<[Key: UInt32]>([:])

    init(start: Timestamp) { self.start = start }

    /// The UIDs of `snapshot` that nobody was told about; with `claim` they are recent no more for others.
    func uids(of account: AccountID, in snapshot: MailboxSnapshot, claim: Bool) -> UIDSet {
        let key = Key(account: account, folder: snapshot.folder)
        guard let last = snapshot.uid(at: snapshot.count - 1) else { return UIDSet() }
        let fallback = marks.withLock { $0[key] } ?? lastOld(in: snapshot)
        let mark = marks.withLock { marks in
            let mark = marks[key] ?? fallback
            if claim {
                if marks.count >= Self.capacity { marks = [:] }
                marks[key] = max(last, mark)
            }
            return mark
        }
        return mark < last ? UIDSet([mark + 1...last]) : UIDSet()
    }

    /// The UID before the row of messages at the end that arrived since the process started.
    private func lastOld(in snapshot: MailboxSnapshot) -> UInt32 {
        // UIDVALIDITY counts up from the second the account was made in: all in a folder this young has just arrived,
        // whatever date it was given.
        if Int64(snapshot.uidValidity) >= start.seconds { return 0 }
        for chunk in snapshot.chunks.reversed() {
            for row in stride(from: chunk.count - 1, through: 0, by: -1) where chunk.received[row] < start.seconds {
                return chunk.uids[row]
            }
        }
        return 0
    }
}
