import IMAPWire
import MailStore
import NIOCore
import SessionIO

extension IMAPSession {
    /// GETQUOTA (RFC 9208 §4.1.1). An account has one root, with the empty name.
    func getQuota(_ root: String) async throws(StoreError) -> Completion {
        guard root.isEmpty else { return .no("There is no such quota root", code: .nonExistent) }
        try await writeQuota()
        return .ok("GETQUOTA completed")
    }

    /// GETQUOTAROOT (RFC 9208 §4.1.2).
    func getQuotaRoot(_ name: MailboxName) async throws(StoreError) -> Completion {
        guard try await folderTree()[name] != nil else {
            return .no("There is no such mailbox", code: .nonExistent)
        }
        connection.output.writeIMAPQuotaRoot(name, roots: [""])
        try await writeQuota()
        return .ok("GETQUOTAROOT completed")
    }

    private func writeQuota() async throws(StoreError) {
        let usage = try await store.quota()
        guard let limit = usage.limit else { return connection.output.writeIMAPQuota(root: "", []) }
        // RFC 9208 §5.1: STORAGE counts units of 1024 bytes; a part of one in use is a whole one.
        let used = UInt64(clamping: max(usage.bytes, 0) / 1024 + (usage.bytes % 1024 > 0 ? 1 : 0))
        connection.output.writeIMAPQuota(root: "", [("STORAGE", used, UInt64(clamping: max(limit, 0) / 1024))])
    }
}
