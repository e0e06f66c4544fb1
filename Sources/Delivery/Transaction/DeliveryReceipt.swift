package import MailModel

/// The message is committed: say `250`.
package struct DeliveryReceipt: Hashable, Sendable {
    /// For the reply and the log; the key of the message's trace.
    package let delivery: DeliveryID
    /// Folder rows that were stored.
    package let stored: Int
    /// Queue rows that were written.
    package let queued: Int
    /// Local recipients that could not be served; their sender is told by a DSN.
    package let failed: Int
    /// As stored, the lines we added included.
    package let size: Int
}
