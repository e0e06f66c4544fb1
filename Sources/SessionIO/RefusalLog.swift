package import Logging
import Metrics
package import NIOCore
import Synchronization

/// Says in the log why peers were refused or cut off, without letting them write it full: the first time for each reason and
/// address at once, repetitions summed up once a minute. Each is counted in `martlet_refusals_total`.
///
/// Memory is bounded: addresses beyond `capacity` in a minute share one line.
package final class RefusalLog: Sendable {
    private struct Key: Hashable {
        let reason: String
        let service: String
        let address: [UInt8]
    }

    private struct Entry {
        let peer: String
        var repeated = 0
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var isFlushDue = false
    }

    /// Reasons and addresses told apart in one minute.
    static let capacity = 1024

    private let logger: Logger
    private let group: any EventLoopGroup
    private let state = Mutex(State())

    package init(group: any EventLoopGroup, logger: Logger) {
        self.group = group
        self.logger = logger
    }

    /// - Parameters:
    ///   - reason: a few words that never change, for people and as the metric's label.
    ///   - connection: the connection's id; nil where it was never let in.
    ///   - details: counters and the key that sets the limit.
    package func note(
        _ reason: String, service: String, peer: PeerAddress, connection: String? = nil,
        _ details: Logger.Metadata = [:]
    ) {
        Counter(label: "martlet_refusals_total", dimensions: [("service", service), ("reason", reason)]).increment()
        let key = Key(reason: reason, service: service, address: peer.limitKey)
        let (isFirst, mustSchedule) = state.withLock { state -> (Bool, Bool) in
            var key = key
            if state.entries[key] == nil, state.entries.count >= Self.capacity {
                key = Key(reason: reason, service: service, address: [])
            }
            let isFirst = state.entries[key] == nil
            state.entries[key, default: Entry(peer: key.address.isEmpty ? "many" : "\(peer)")].repeated +=
                isFirst ? 0 : 1
            let mustSchedule = !state.isFlushDue
            state.isFlushDue = true
            return (isFirst, mustSchedule)
        }
        if isFirst {
            var metadata = details
            metadata["service"] = .string(service)
            metadata["peer"] = "\(peer)"
            metadata["reason"] = .string(reason)
            if let connection { metadata["connection"] = .string(connection) }
            logger.warning("peer refused", metadata: metadata)
        }
        if mustSchedule { _ = group.next().scheduleTask(in: .minutes(1)) { [weak self] in self?.flush() } }
    }

    /// Sums up what came since the last time.
    func flush() {
        let entries = state.withLock { state in
            defer {
                state.entries = [:]
                state.isFlushDue = false
            }
            return state.entries
        }
        for (key, entry) in entries where entry.repeated > 0 {
            logger.warning(
                "peers refused again",
                metadata: [
                    "service": .string(key.service), "peer": .string(entry.peer), "reason": .string(key.reason),
                    "times": "\(entry.repeated)",
                ])
        }
    }
}
