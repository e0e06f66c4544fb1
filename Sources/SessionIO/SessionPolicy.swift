/// What all connections of a server share besides the counts: patience and memory.
package struct SessionPolicy: Sendable {
    package var pace: PaceLimits
    /// Replies written that slow readers have not taken yet.
    package let outputMemory: MemoryBudget
    /// Messages on their way in, as far as they are in memory.
    package let intakeMemory: MemoryBudget

    package init(
        pace: PaceLimits = PaceLimits(), outputMemory: Int = 64 << 20, intakeMemory: Int = 64 << 20
    ) {
        self.pace = pace
        self.outputMemory = MemoryBudget(limit: outputMemory)
        self.intakeMemory = MemoryBudget(limit: intakeMemory)
    }
}
