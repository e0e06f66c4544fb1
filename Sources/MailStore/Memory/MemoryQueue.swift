import MailModel

/// The queue's rows in memory.
final class MemoryQueue: QueueStore {
    private let state: MemoryState

    init(state: MemoryState) { self.state = state }

    func list(_ filter: QueueFilter, after: Int64?, limit: Int) async throws(StoreError) -> [QueueEntry] {
        state.access { data in
            Array(data.queue.filter { $0.id > after ?? 0 && filter.matches($0) }.prefix(max(limit, 0)))
        }
    }

    func count() async throws(StoreError) -> Int { state.access { data in data.queue.count } }
}

/// Trace lines in memory.
final class MemoryTraces: TraceStore {
    private let state: MemoryState

    init(state: MemoryState) { self.state = state }

    func record(_ events: [TraceEvent]) { state.access { data in data.traces.append(contentsOf: events) } }

    func query(_ filter: TraceFilter, limit: Int) async throws(StoreError) -> [TraceEvent] {
        state.access { data in
            Array(data.traces.filter(filter.matches).sorted { $0.time < $1.time }.prefix(max(limit, 0)))
        }
    }
}
