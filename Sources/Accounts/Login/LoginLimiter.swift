package import MailModel

/// Decides whether a login is tried at all. Pure: time is given; memory is bounded by the tables and by
/// the number of accounts.
///
/// Failures are counted per address and per account name. An address that has succeeded for an account is known to it:
/// its logins are always checked, at most after a wait, so that no stranger's failures can lock the owner out.
package struct LoginLimiter: Sendable {
    package enum Verdict: Hashable, Sendable {
        case proceed
        /// Check the password, but only after so many seconds.
        case delay(seconds: Int)
        case refuse(retryAfterSeconds: Int)
    }

    /// Addresses kept per account; the one unused for longest goes first.
    private static let knownPerAccount = 16
    /// Accounts with known addresses; beyond, an arbitrary one is forgotten.
    private static let knownAccountLimit = 200_000

    private let limits: LoginLimits
    private var addresses: FailureTable
    private var accounts: FailureTable
    private var pairs: FailureTable
    /// By account name (which exists, since it succeeded): the networks that succeeded, the latest last.
    private var known: [String: [PeerAddress]] = [:]

    package init(limits: LoginLimits) {
        self.limits = limits
        addresses = FailureTable(size: limits.tableSize, forgiveness: limits.forgiveness, seed: 1)
        accounts = FailureTable(size: limits.tableSize, forgiveness: limits.forgiveness, seed: 2)
        pairs = FailureTable(size: limits.tableSize, forgiveness: limits.forgiveness, seed: 3)
    }

    /// Whether to check a password of `account` (its key, whether it exists or not) from `peer`.
    package func admit(_ account: String, from peer: PeerAddress?, now: Timestamp) -> Verdict {
        guard let network = limited(peer) else { return .proceed }
        if isKnown(network, to: account) {
            let excess = pairs.count(Self.pair(account, network), now: now) - limits.beforeDelay
            return excess >= 0 ? .delay(seconds: min(excess + 1, limits.longestDelay)) : .proceed
        }
        let excess = max(
            addresses.count(Self.key(network), now: now) - limits.perAddress,
            accounts.count(account, now: now) - limits.perAccount)
        guard excess >= 0 else { return .proceed }
        return .refuse(retryAfterSeconds: (excess + 1) * max(limits.forgiveness, 1))
    }

    /// Counts a wrong password (or an unknown name). From a known address it counts against that pair only.
    package mutating func failed(_ account: String, from peer: PeerAddress?, now: Timestamp) {
        guard let network = limited(peer) else { return }
        if isKnown(network, to: account) {
            pairs.add(Self.pair(account, network), now: now)
        } else {
            addresses.add(Self.key(network), now: now)
            accounts.add(account, now: now)
        }
    }

    /// Remembers the address. What was counted against it for other accounts stays.
    package mutating func succeeded(_ account: String, from peer: PeerAddress?, now: Timestamp) {
        guard let network = limited(peer) else { return }
        pairs.clear(Self.pair(account, network))
        remember(network, for: account)
    }

    private func limited(_ peer: PeerAddress?) -> PeerAddress? {
        guard let peer, limits.loopback || !peer.isLoopback else { return nil }
        return peer.network
    }

    private func isKnown(_ network: PeerAddress, to account: String) -> Bool {
        known[account]?.contains(network) == true
    }

    private mutating func remember(_ network: PeerAddress, for account: String) {
        var networks = known[account] ?? []
        if networks.last == network { return }
        networks.removeAll { $0 == network }
        if networks.count >= Self.knownPerAccount { networks.removeFirst() }
        networks.append(network)
        if known.count >= Self.knownAccountLimit, known[account] == nil, let victim = known.keys.first {
            known[victim] = nil
        }
        known[account] = networks
    }

    private static func key(_ network: PeerAddress) -> String { network.description }
    private static func pair(_ account: String, _ network: PeerAddress) -> String { "\(network) \(account)" }
}
