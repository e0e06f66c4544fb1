import Synchronization

/// Who wants to hear of commits.
final class Subscribers<Event: Sendable>: Sendable {
    private struct State {
        var next = 0
        var handlers: [Int: @Sendable (Event) -> Void] = [:]
    }

    private let state = Mutex(State())

    /// The handler is called until the subscription is cancelled or released.
    func add(_ handler: @escaping @Sendable (Event) -> Void) -> StoreSubscription {
        let number = state.withLock { state in
            state.next += 1
            state.handlers[state.next] = handler
            return state.next
        }
        return StoreSubscription { [weak self] in self?.remove(number) }
    }

    private func remove(_ number: Int) {
        // Released outside the lock: what a handler captured may do anything when it goes.
        let handler = state.withLock { $0.handlers.removeValue(forKey: number) }
        _ = handler
    }

    var isEmpty: Bool { state.withLock { $0.handlers.isEmpty } }

    func notify(_ event: Event) {
        let handlers = state.withLock { Array($0.handlers.values) }
        for handler in handlers { handler(event) }
    }
}
