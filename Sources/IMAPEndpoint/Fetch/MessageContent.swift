import Bytes
import MailModel
import MailStore
import MessageFormat
import NIOCore

/// One message's content and structure, opened and looked up when first needed.
struct MessageContent {
    let item: ItemID
    let store: any AccountStore
    private var summary: MessageSummary?
    private var reader: (any ContentReader)?

    /// The most asked of a reader at once, and so what a slow client makes the server hold.
    static let pieceSize = 64 << 10
    /// Of a longer header only the beginning is searched for fields.
    static let headerLimit = 1 << 20

    init(item: ItemID, store: any AccountStore, summary: [UInt8]?) {
        self.item = item
        self.store = store
        self.summary = summary.flatMap { MessageSummary(decoding: $0) }
    }

    /// The stored summary; where it is missing or of no use, one made anew from the content.
    mutating func knownSummary() async throws(StoreError) -> MessageSummary {
        if let summary { return summary }
        let reader = try await open()
        var parser = MessageParser()
        var offset = 0
        while offset < reader.size {
            let piece = try await read(offset..<min(offset + Self.pieceSize, reader.size))
            parser.consume(piece)
            offset += piece.readableBytes
        }
        // Without the first words of the text, which the store will derive when it makes a summary anew.
        let made = MessageSummary.make(from: parser.finish()) { _ in ByteBuffer() }
        summary = made
        return made
    }

    mutating func size() async throws(StoreError) -> Int { try await open().size }

    /// The bytes in `range`, which must be short and inside the message.
    mutating func read(_ range: Range<Int>) async throws(StoreError) -> ByteBuffer {
        let reader = try await open()
        let piece = try await reader.read(at: range.lowerBound, length: range.count)
        guard piece.readableBytes == range.count else {
            throw .damaged("item \(item): \(piece.readableBytes) of \(range.count) bytes at \(range.lowerBound)")
        }
        return piece
    }

    /// A header in one buffer, cut at `headerLimit`.
    mutating func header(_ range: Range<Int>) async throws(StoreError) -> ByteBuffer {
        let end = min(range.upperBound, range.lowerBound + Self.headerLimit)
        var header = try await read(range.lowerBound..<min(end, range.lowerBound + Self.pieceSize))
        var offset = range.lowerBound + header.readableBytes
        while offset < end {
            let piece = try await read(offset..<min(end, offset + Self.pieceSize))
            header.writeImmutableBuffer(piece)
            offset += piece.readableBytes
        }
        return header
    }

    private mutating func open() async throws(StoreError) -> any ContentReader {
        if let reader { return reader }
        let opened = try await store.content(of: item)
        reader = opened
        return opened
    }
}
