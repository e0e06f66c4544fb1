package import ContentStore
package import MailModel

/// How a shard keeps its data.
package struct StoreOptions: Sendable {
    /// Bytes from which a content segment is closed.
    package var segmentLimit = 256 << 20
    /// Stored bytes from which a message becomes a file of its own.
    package var objectThreshold = 4 << 20
    /// Bytes that folders kept in memory may take before those not in use are forgotten.
    package var cacheBudget = 128 << 20
    /// Bytes that new mail leaves free on the disk.
    package var minimumFreeSpace: Int64 = 0
    /// How long deleted mail can be had back.
    package var recoverableDays = 14
    /// How long a client may stay away and still learn what has changed.
    package var changeLogDays = 90
    package var traceDays = 30
    /// Threads that read.
    package var readers = 4
    /// Threads that compress and spool incoming messages.
    package var intakeThreads = 2
    /// Whether commits wait for the disk. Off only for tests: a power cut would lose mail.
    package var waitsForDisk = true
    /// Whether `verify` tells what was wrong when the store was opened, else the log does. For commands on a folder that no
    /// server has open.
    package var verifyTellsOpening = false
    /// Replaceable by a failing disk.
    package var files = FileOperations()
    package var now: @Sendable () -> Timestamp
    /// The name and version that the index remembers as its writer's.
    package var program = ""
    /// Told of a conversion while the folder is opened, on any thread.
    package var progress: @Sendable (StoreProgress) -> Void = { _ in }

    package init(now: @escaping @Sendable () -> Timestamp) { self.now = now }
}
