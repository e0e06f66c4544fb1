/// How many failed logins are borne. Each count loses one failure per `forgiveness` seconds.
package struct LoginLimits: Hashable, Sendable {
    /// Failures from one address (one /64 of IPv6) before it is refused.
    package var perAddress = 20
    /// Failures for one account name, from everywhere, before addresses that never succeeded for it are refused.
    package var perAccount = 60
    /// Seconds after which one failure is forgotten.
    package var forgiveness = 30
    /// Failures from an address that has succeeded before, after which it must wait before each answer.
    package var beforeDelay = 5
    /// The longest such wait, in seconds.
    package var longestDelay = 5
    /// Whether loopback is limited like any other address.
    package var loopback = false
    /// Rows in each table of failures: memory is fixed, whatever comes.
    package var tableSize = 1 << 14

    package init() {}
}
