/// How many connections a listener takes, in all and from one address.
package struct ConnectionLimits: Hashable, Sendable {
    package var total: Int
    /// Of these, by peers that have not logged in.
    package var unauthenticated: Int
    package var perAddress: Int
    /// New connections a minute from one address; 0: any number.
    package var ratePerAddress: Int
    /// Whether loopback peers count too.
    package var includesLoopback: Bool

    package init(
        total: Int = 20_000, unauthenticated: Int? = nil, perAddress: Int = 100, ratePerAddress: Int = 0,
        includesLoopback: Bool = false
    ) {
        self.total = total
        self.unauthenticated = unauthenticated ?? total
        self.perAddress = perAddress
        self.ratePerAddress = ratePerAddress
        self.includesLoopback = includesLoopback
    }
}
