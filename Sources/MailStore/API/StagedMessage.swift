package import MessageFormat
package import NIOCore

/// Receives a message's bytes before anybody has answered for them. Keeps little in memory: what exceeds the threshold
/// goes to a spool file. Parses on the way. Nothing is durable until a commit refers to the staged message.
package protocol MessageStager: AnyObject, Sendable {
    /// Bytes taken so far.
    var size: Int { get }
    /// Throws at once what `write` would throw for want of room, so that a client need not send its bytes in vain.
    func admit() throws(StoreError)
    /// Takes the next bytes; suspends when they are coming faster than the disk takes them.
    func write(_ bytes: ByteBuffer) async throws(StoreError)
    /// Ends the message. No calls after this.
    func finish() async throws(StoreError) -> StagedMessage
    /// Forgets it all.
    func discard() async
}

extension MessageStager {
    package func admit() throws(StoreError) {}
}

/// A complete message that waits for its commit; dropping it discards it.
package final class StagedMessage: Sendable {
    /// Bytes as received.
    package let size: Int
    package let summary: MessageSummary
    /// The structure with header ranges, for stages that look at headers.
    package let structure: MessageStructure
    /// The first bytes: the whole header, as far as the limit of 256 KB.
    package let header: ByteBuffer
    /// The engine's own handle on the bytes.
    package let content: any StagedContent

    package init(
        size: Int, summary: MessageSummary, structure: MessageStructure, header: ByteBuffer, content: any StagedContent
    ) {
        self.size = size
        self.summary = summary
        self.structure = structure
        self.header = header
        self.content = content
    }
}

/// What an engine needs to find the staged bytes again.
package protocol StagedContent: AnyObject, Sendable {
    /// Up to `length` bytes from `offset`, for stages that read the body before the commit.
    func read(at offset: Int, length: Int) async throws(StoreError) -> ByteBuffer
}
