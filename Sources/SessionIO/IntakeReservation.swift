/// One peer's share of the memory for messages on their way in; given back when dropped.
package final class IntakeReservation {
    /// What a message holds in memory at most: its header, and the frame that is not on disk yet.
    package static let mostOfMessage = 512 << 10

    private let memory: MemoryBudget
    private var held = 0

    package init(_ memory: MemoryBudget) { self.memory = memory }

    deinit { memory.release(held) }

    /// The peer holds `bytes` now. False if there is no memory for more.
    package func grow(to bytes: Int) -> Bool {
        let more = bytes - held
        guard more > 0 else { return true }
        guard memory.reserve(more) else { return false }
        held += more
        return true
    }

    package func giveBack() {
        memory.release(held)
        held = 0
    }
}
