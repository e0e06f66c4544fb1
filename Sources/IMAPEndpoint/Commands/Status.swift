import IMAPWire
import MailModel
import MailStore
import NIOCore
import SessionIO

extension IMAPSession {
    /// STATUS (RFC 9051 §6.3.11).
    func status(_ name: MailboxName, _ items: [StatusItem]) async throws(StoreError) -> Completion {
        if items.contains(.highestModSequence) { enableModSequences() }
        guard let folder = try await folderTree()[name] else {
            return .no("There is no such mailbox", code: .nonExistent)
        }
        try await writeStatus(name, folder, items)
        return .ok("STATUS completed")
    }

    func writeStatus(_ name: MailboxName, _ folder: Folder, _ items: [StatusItem]) async throws(StoreError) {
        var values: [(StatusItem, UInt64)] = []
        for item in items {
            if let value = try await value(of: item, folder) { values.append((item, value)) }
        }
        connection.output.writeIMAPStatusResponse(name, values)
    }

    private func value(of item: StatusItem, _ folder: Folder) async throws(StoreError) -> UInt64? {
        switch item {
        case .messages: UInt64(clamping: folder.messages)
        case .recent: try await recentCount(of: folder)
        case .uidNext: UInt64(folder.uidNext)
        case .uidValidity: UInt64(folder.uidValidity)
        case .unseen: UInt64(clamping: folder.unseen)
        case .deleted: UInt64(clamping: folder.deleted)
        case .size: UInt64(clamping: folder.size)
        case .highestModSequence: UInt64(clamping: folder.highestChange.rawValue)
        case .appendLimit: UInt64(clamping: service.settings.appendLimit)
        // Not announced, and not answered.
        case .deletedStorage, .mailboxID: nil
        }
    }

    private func recentCount(of folder: Folder) async throws(StoreError) -> UInt64 {
        if let selected, selected.folder == folder.id { return UInt64(clamping: selected.recentCount) }
        guard let account else { return 0 }
        let snapshot = try await account.store.mailbox(folder.id)
        let recent = service.recent.uids(of: account.record.id, in: snapshot, claim: false)
        return recent.ranges.reduce(0) { $0 + UInt64(snapshot.count - snapshot.lowerBound(uid: $1.lowerBound)) }
    }
}
