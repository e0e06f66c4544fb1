package import NIOCore

/// How slow a peer may be while it sends what it has begun, or reads what it has asked for.
///
/// A peer has `grace` as credit. Waiting for it uses the credit up, each byte earns some back, so that a line with
/// `minimumRate` or more goes on for ever and one that drips ends soon after the grace. RFC 5321 §4.5.3.2 wants minutes of
/// patience for each step; the grace is that patience.
package struct PaceLimits: Hashable, Sendable {
    /// Bytes a second; 0: no limit.
    package var minimumRate: Int
    package var grace: TimeAmount
    /// The grace while memory is short.
    package var shortGrace: TimeAmount

    package init(
        minimumRate: Int = 50, grace: TimeAmount = .minutes(5), shortGrace: TimeAmount = .seconds(10)
    ) {
        self.minimumRate = minimumRate
        self.grace = grace
        self.shortGrace = min(shortGrace, grace)
    }

    package static let none = PaceLimits(minimumRate: 0)
}

/// The credit of one peer in one direction.
package struct PaceMeter {
    /// What is left; nil: all of it.
    private var left: TimeAmount?

    package init() {}

    /// How long the peer may be silent from here on; nil: without end.
    package func credit(_ limits: PaceLimits, isShort: Bool) -> TimeAmount? {
        guard limits.minimumRate > 0 else { return nil }
        let most = isShort ? limits.shortGrace : limits.grace
        return min(left ?? most, most)
    }

    /// The peer took `time` for `bytes`. True if its credit is used up.
    package mutating func passed(_ time: TimeAmount, bytes: Int, _ limits: PaceLimits, isShort: Bool) -> Bool {
        guard let credit = credit(limits, isShort: isShort) else { return false }
        let earned = Int64(min(bytes, 1 << 30)) * 1_000_000_000 / Int64(limits.minimumRate)
        let rest = credit.nanoseconds - min(max(time.nanoseconds, 0), credit.nanoseconds) + earned
        left = .nanoseconds(min(rest, (isShort ? limits.shortGrace : limits.grace).nanoseconds))
        return rest <= 0
    }

    /// The next step begins with the full grace.
    package mutating func reset() { left = nil }
}
