import MailModel
import Synchronization

/// Lets an account run only so many searches at once, so that its readers of content, too, are shared with others. The rest
/// wait in the order they came; they are no more than the account has sessions.
final class SearchTurns: Sendable {
    private struct Entry {
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let limit: Int
    private let entries = Mutex<[AccountID: Entry]>([:])

    init(limit: Int) { self.limit = max(limit, 1) }

    /// Returns when it is this search's turn; `end` must follow.
    func begin(_ account: AccountID) async {
        await withCheckedContinuation { continuation in
            let isTurn = entries.withLock { entries in
                var entry = entries[account] ?? Entry()
                defer { entries[account] = entry }
                guard entry.running >= limit else {
                    entry.running += 1
                    return true
                }
                entry.waiting.append(continuation)
                return false
            }
            if isTurn { continuation.resume() }
        }
    }

    func end(_ account: AccountID) {
        let next = entries.withLock { entries -> CheckedContinuation<Void, Never>? in
            guard var entry = entries[account] else { return nil }
            // The place passes to whoever waits.
            let next = entry.waiting.isEmpty ? nil : entry.waiting.removeFirst()
            if next == nil { entry.running -= 1 }
            entries[account] = entry.running > 0 ? entry : nil
            return next
        }
        next?.resume()
    }

    /// Accounts that are searching.
    var count: Int { entries.withLock { $0.count } }
}
