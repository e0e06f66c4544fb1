import MailModel
import NIOCore
import Synchronization

/// How much each account may send: messages an hour, recipients a day. What was used comes back evenly, so that there is no
/// instant at which all of it is free again.
///
/// In memory, one entry for each account that has sent lately; a restart forgives everything.
package final class SendingBudget: Sendable {
    package struct Limits: Hashable, Sendable {
        /// 0: any number.
        package var messagesPerHour: Int
        /// 0: any number.
        package var recipientsPerDay: Int

        package init(messagesPerHour: Int = 0, recipientsPerDay: Int = 0) {
            self.messagesPerHour = messagesPerHour
            self.recipientsPerDay = recipientsPerDay
        }
    }

    enum Kind: Hashable, Sendable { case messages, recipients }

    private struct Key: Hashable {
        let account: AccountID
        let kind: Kind
    }

    private struct Use {
        var count: Double
        var updated: NIODeadline
    }

    /// Entries from which on those are dropped that have recovered.
    private static let capacity = 100_000

    private let limits: Limits
    private let uses = Mutex<[Key: Use]>([:])

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Takes one of `kind`; otherwise says in how many seconds there will be one.
    func take(_ kind: Kind, of account: AccountID, now: NIODeadline) -> Int? {
        let (limit, seconds) = measure(kind)
        guard limit > 0 else { return nil }
        let key = Key(account: account, kind: kind)
        let rate = Double(limit) / seconds
        return uses.withLock { uses in
            let count = Self.count(uses[key], rate, now)
            guard count + 1 <= Double(limit) else { return Int((count + 1 - Double(limit)) / rate) + 1 }
            if uses.count >= Self.capacity { uses = uses.filter { now - $0.value.updated < .hours(24) } }
            uses[key] = Use(count: count + 1, updated: now)
            return nil
        }
    }

    /// `number` of them were not sent after all.
    func giveBack(_ number: Int, _ kind: Kind, of account: AccountID) {
        guard measure(kind).limit > 0, number > 0 else { return }
        let key = Key(account: account, kind: kind)
        uses.withLock { uses in
            guard let use = uses[key] else { return }
            uses[key]?.count = max(0, use.count - Double(number))
        }
    }

    private func measure(_ kind: Kind) -> (limit: Int, seconds: Double) {
        switch kind {
        case .messages: (limits.messagesPerHour, 3600)
        case .recipients: (limits.recipientsPerDay, 86_400)
        }
    }

    private static func count(_ use: Use?, _ rate: Double, _ now: NIODeadline) -> Double {
        guard let use else { return 0 }
        return max(0, use.count - Double((now - use.updated).nanoseconds) / 1e9 * rate)
    }
}
