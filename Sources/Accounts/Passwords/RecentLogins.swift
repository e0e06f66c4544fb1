import Bytes
import Crypto
import MailModel
import MailStore
import Synchronization

/// Passwords that were right a moment ago, so that a client with ten connections costs one hash.
///
/// Kept are only HMACs under a key of this process, over the stored verifier and the password: an entry can say yes to
/// nothing but the very pair it was made for. Dropped after `lifetime`, and when the account changes.
final class RecentLogins: Sendable {
    private struct Entry {
        let code: [UInt8]
        let account: AccountID
        let until: Timestamp
    }

    private static let limit = 10_000
    private let key = SymmetricKey(size: .bits256)
    private let lifetime: Int64
    private let entries = Mutex<[Int64: Entry]>([:])

    /// `lifetime` in seconds; zero keeps nothing.
    init(lifetime: Int64) { self.lifetime = lifetime }

    func contains(_ password: String, _ credential: CredentialRecord, now: Timestamp) -> Bool {
        guard let entry = entries.withLock({ $0[credential.id] }), entry.until > now else { return false }
        return ConstantTime.equal(entry.code, code(password, credential))
    }

    func insert(_ password: String, _ credential: CredentialRecord, now: Timestamp) {
        guard lifetime > 0 else { return }
        let entry = Entry(
            code: code(password, credential), account: credential.account, until: now.adding(seconds: lifetime))
        entries.withLock { entries in
            if entries.count >= Self.limit { entries = entries.filter { $0.value.until > now } }
            if entries.count >= Self.limit { entries.removeAll() }
            entries[credential.id] = entry
        }
    }

    func forget(_ account: AccountID) {
        entries.withLock { entries in entries = entries.filter { $0.value.account != account } }
    }

    private func code(_ password: String, _ credential: CredentialRecord) -> [UInt8] {
        var code = HMAC<SHA256>(key: key)
        code.update(data: Array("\(credential.id)\0\(credential.credential.verifier)\0\(password)".utf8))
        return Array(code.finalize())
    }
}
