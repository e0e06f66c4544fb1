import Synchronization

/// How many connections a listener takes, in all and from one address.
package struct ConnectionLimits: Hashable, Sendable {
    package var total: Int
    package var perAddress: Int
    /// Whether loopback peers count too.
    package var includesLoopback: Bool

    package init(total: Int = 20_000, perAddress: Int = 100, includesLoopback: Bool = false) {
        self.total = total
        self.perAddress = perAddress
        self.includesLoopback = includesLoopback
    }
}

/// Counts the open connections of all listeners.
final class ConnectionCounter: Sendable {
    enum Refusal: Sendable { case total, address }

    private struct State {
        var total = 0
        var perAddress: [[UInt8]: Int] = [:]
    }

    private let state = Mutex(State())

    func enter(_ peer: PeerAddress, _ limits: ConnectionLimits) -> Refusal? {
        state.withLock { state in
            if state.total >= limits.total { return .total }
            if limits.includesLoopback || !peer.isLoopback {
                let count = state.perAddress[peer.limitKey, default: 0]
                if count >= limits.perAddress { return .address }
            }
            state.total += 1
            state.perAddress[peer.limitKey, default: 0] += 1
            return nil
        }
    }

    func leave(_ peer: PeerAddress) {
        state.withLock { state in
            state.total -= 1
            let left = state.perAddress[peer.limitKey, default: 1] - 1
            state.perAddress[peer.limitKey] = left > 0 ? left : nil
        }
    }
}
