import MessageFormat
import NIOCore

/// From bytes to a staged message.
enum StagedParse {
    /// As much of the start as `StagedMessage.header` keeps.
    static let headerLimit = 256 << 10

    /// For a message that is in memory as a whole.
    static func staged(_ bytes: ByteBuffer, content: any StagedContent) -> StagedMessage {
        StagedMessage(
            size: bytes.readableBytes, summary: MessageSummary(), structure: MessageStructure(),
            header: bytes.getSlice(at: bytes.readerIndex, length: min(bytes.readableBytes, headerLimit))
                ?? ByteBuffer(),
            content: content)
    }
}
extension MessageSummary {
    var messageIDText: String? { messageID }
}
