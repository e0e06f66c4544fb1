import Synchronization

/// Memory that many connections share for one purpose: what each holds is counted, and when the sum is large, slow peers
/// lose their patience and new work is refused.
package final class MemoryBudget: Sendable {
    /// In bytes.
    package let limit: Int
    private let total = Atomic<Int>(0)

    package init(limit: Int) { self.limit = limit }

    package var used: Int { total.load(ordering: .relaxed) }

    /// More than half is used: what is held for slow peers should come back soon.
    package var isShort: Bool { used > limit / 2 }

    /// Counts `bytes` if there is room for them.
    package func reserve(_ bytes: Int) -> Bool {
        let before = total.wrappingAdd(bytes, ordering: .relaxed).oldValue
        guard before + bytes > limit else { return true }
        release(bytes)
        return false
    }

    /// Counts `bytes` whether there is room or not.
    package func hold(_ bytes: Int) { total.wrappingAdd(bytes, ordering: .relaxed) }

    package func release(_ bytes: Int) { total.wrappingSubtract(bytes, ordering: .relaxed) }
}
