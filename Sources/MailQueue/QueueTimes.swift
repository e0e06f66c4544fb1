/// How long mail for other hosts is kept.
package struct QueueTimes: Hashable, Sendable {
    /// Seconds until a message that could not be sent goes back: five days (RFC 5321 §4.5.4.1 names four to five).
    package var expire: Int64
    package init(expire: Int64 = 5 * 24 * 3600) { self.expire = expire }
}
