package import NIOCore
import Synchronization

/// Counts the open connections of all listeners and says which may come in. Memory is bounded by the connections and by
/// `RateTable.capacity`.
package final class ConnectionGate: Sendable {
    /// The limit that a connection met.
    package enum Refusal: String, Hashable, Sendable {
        case total
        case unauthenticated
        case address
        case rate

        /// In words, for the log.
        package var text: String {
            switch self {
            case .total: "limits.connections"
            case .unauthenticated: "limits.unauthenticatedConnections"
            case .address: "limits.connectionsPerAddress"
            case .rate: "limits.connectionRate"
            }
        }
    }

    private struct State {
        var total = 0
        var unauthenticated = 0
        var perAddress: [[UInt8]: Int] = [:]
        var rates = RateTable()
    }

    private let state = Mutex(State())

    package init() {}

    package var count: Int { state.withLock { $0.total } }
    /// Connections from `peer`'s address.
    func count(of peer: PeerAddress) -> Int { state.withLock { $0.perAddress[peer.limitKey] ?? 0 } }
    package var unauthenticatedCount: Int { state.withLock { $0.unauthenticated } }

    /// Lets a peer in that has not logged in, or says which limit is in the way. `spare` more are let in than may stay
    /// unauthenticated: whoever asks with it closes others for them. A second try is not counted as another connection.
    package func enter(
        _ peer: PeerAddress, _ limits: ConnectionLimits, spare: Int = 0, isSecondTry: Bool = false,
        now: NIODeadline = .now()
    ) -> Refusal? {
        let counts = limits.includesLoopback || !peer.isLoopback
        let key = peer.limitKey
        return state.withLock { state in
            if counts, limits.ratePerAddress > 0, !isSecondTry {
                guard state.rates.take(key, perMinute: limits.ratePerAddress, now: now) else { return .rate }
            }
            if state.total >= limits.total { return .total }
            if state.unauthenticated >= limits.unauthenticated + spare { return .unauthenticated }
            if counts, state.perAddress[key, default: 0] >= limits.perAddress { return .address }
            state.total += 1
            state.unauthenticated += 1
            state.perAddress[key, default: 0] += 1
            return nil
        }
    }

    /// The peer has logged in.
    package func authenticated() { state.withLock { $0.unauthenticated -= 1 } }

    package func leave(_ peer: PeerAddress, wasAuthenticated: Bool) {
        state.withLock { state in
            state.total -= 1
            if !wasAuthenticated { state.unauthenticated -= 1 }
            let left = state.perAddress[peer.limitKey, default: 1] - 1
            state.perAddress[peer.limitKey] = left > 0 ? left : nil
        }
    }
}

/// Events a minute by address: a bucket each that holds a quarter of a minute's worth and refills evenly.
struct RateTable {
    private struct Bucket {
        var level: Double
        var updated: NIODeadline
    }

    /// Addresses remembered. Beyond it, those are forgotten whose buckets are full again, or if there are none, all.
    static let capacity = 65_536

    private var buckets: [[UInt8]: Bucket] = [:]

    var count: Int { buckets.count }

    /// Takes one event of `key`; false if its bucket is empty.
    mutating func take(_ key: [UInt8], perMinute: Int, now: NIODeadline) -> Bool {
        let rate = Double(perMinute)
        let size = max(rate / 4, 1)
        var bucket = buckets[key] ?? Bucket(level: size, updated: now)
        bucket.level = min(size, bucket.level + Self.minutes(now - bucket.updated) * rate)
        bucket.updated = now
        let isAllowed = bucket.level >= 1
        if isAllowed { bucket.level -= 1 }
        if buckets.count >= Self.capacity, buckets[key] == nil { makeRoom(size, rate, now) }
        buckets[key] = bucket
        return isAllowed
    }

    private mutating func makeRoom(_ size: Double, _ rate: Double, _ now: NIODeadline) {
        buckets = buckets.filter { $0.value.level + Self.minutes(now - $0.value.updated) * rate < size }
        // Freeing a few places only would have the next newcomer look through all again.
        if buckets.count > Self.capacity * 3 / 4 { buckets = [:] }
    }

    private static func minutes(_ time: TimeAmount) -> Double { Double(time.nanoseconds) / 60e9 }
}
