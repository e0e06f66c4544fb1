import MailModel
import MailStore
import POP3Wire

/// The inbox as it was at login, and the exclusive right to it (RFC 1939 §4).
struct OpenMaildrop {
    let store: any AccountStore
    let lock: FolderLock
    let snapshot: MailboxSnapshot
    let policy: POP3Policy
    /// By message index: messages that IMAP has flagged \Deleted are not shown, so this is not the snapshot's order.
    let uids: [UInt32]

    init(store: any AccountStore, lock: FolderLock, snapshot: MailboxSnapshot, policy: POP3Policy) {
        self.store = store
        self.lock = lock
        self.snapshot = snapshot
        self.policy = policy
        var uids: [UInt32] = []
        uids.reserveCapacity(snapshot.count)
        for chunk in snapshot.chunks {
            for (uid, flags) in zip(chunk.uids, chunk.flags) where !flags.contains(.deleted) { uids.append(uid) }
        }
        self.uids = uids
    }

    /// The messages as the protocol numbers them.
    func wireMaildrop() -> POP3Maildrop {
        var sizes: [UInt32] = []
        var ids: [Int64] = []
        sizes.reserveCapacity(uids.count)
        ids.reserveCapacity(uids.count)
        for chunk in snapshot.chunks {
            for (row, flags) in chunk.flags.enumerated() where !flags.contains(.deleted) {
                sizes.append(chunk.sizes[row])
                ids.append(chunk.items[row])
            }
        }
        return POP3Maildrop(sizes: sizes, ids: ids)
    }

    /// As CAPA tells it (RFC 2449 §6.7).
    var expiry: POP3Expiry {
        switch policy {
        case .leaveOnServer: .never
        case .deleteAfterDownload: .days(0)
        case .expireAfter(let days): .days(max(days, 0))
        }
    }

    /// The row at login of message `index`.
    func row(_ index: Int) -> MailboxRow? {
        snapshot.index(ofUID: uids[index]).flatMap { snapshot.row(at: $0) }
    }
}
