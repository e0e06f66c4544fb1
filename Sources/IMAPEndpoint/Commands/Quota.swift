import IMAPWire
import MailStore
import NIOCore
import SessionIO

extension IMAPSession {
    /// GETQUOTA (RFC 9208 §4.1.1). An account with a limit has one root, with the empty name; one without has none,
    /// since a QUOTA response names at least one resource (RFC 9208 §7).
    func getQuota(_ root: String) async throws(StoreError) -> Completion {
        let usage = try await store.quota()
        guard root.isEmpty, let limit = usage.limit else {
            return .no("There is no such quota root", code: .nonExistent)
        }
        writeQuota(usage, limit: limit)
        return .ok("GETQUOTA completed")
    }

    /// GETQUOTAROOT (RFC 9208 §4.1.2).
    func getQuotaRoot(_ name: MailboxName) async throws(StoreError) -> Completion {
        guard try await folderTree()[name] != nil else {
            return .no("There is no such mailbox", code: .nonExistent)
        }
        let usage = try await store.quota()
        connection.output.writeIMAPQuotaRoot(name, roots: usage.limit == nil ? [] : [""])
        if let limit = usage.limit { writeQuota(usage, limit: limit) }
        return .ok("GETQUOTAROOT completed")
    }

    private func writeQuota(_ usage: QuotaUsage, limit: Int64) {
        // RFC 9208 §5.1: STORAGE counts units of 1024 bytes; a part of one in use is a whole one.
        let used = UInt64(clamping: max(usage.bytes, 0) / 1024 + (usage.bytes % 1024 > 0 ? 1 : 0))
        connection.output.writeIMAPQuota(root: "", [("STORAGE", used, UInt64(clamping: max(limit, 0) / 1024))])
    }
}
