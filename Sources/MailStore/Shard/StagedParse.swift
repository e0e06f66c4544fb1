import MessageFormat
import NIOCore

/// From bytes to a staged message.
enum StagedParse {
    /// As much of the start as `StagedMessage.header` keeps.
    static let headerLimit = 256 << 10

    /// For a message that is in memory as a whole.
    static func staged(_ bytes: ByteBuffer, content: any StagedContent) -> StagedMessage {
        let structure = MessageStructure.parse(bytes)
        let length = min(structure.root.headerRange.upperBound, headerLimit, bytes.readableBytes)
        return StagedMessage(
            size: bytes.readableBytes, summary: MessageSummary.make(from: structure, bytes: bytes),
            structure: structure,
            header: bytes.getSlice(at: bytes.readerIndex, length: length) ?? ByteBuffer(), content: content)
    }
}
