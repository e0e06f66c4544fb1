import MessageFormat
import NIOCore
import Synchronization

/// Collects a message in memory.
final class MemoryStager: MessageStager {
    private let bytes = Mutex(ByteBuffer())

    var size: Int { bytes.withLock { $0.readableBytes } }

    func write(_ piece: ByteBuffer) async throws(StoreError) {
        bytes.withLock { bytes in
            var piece = piece
            bytes.writeBuffer(&piece)
        }
    }

    func finish() async throws(StoreError) -> StagedMessage {
        let bytes = bytes.withLock { $0 }
        return StagedParse.staged(bytes, content: MemoryContent(bytes))
    }

    func discard() async {}
}

final class MemoryContent: StagedContent, ContentReader {
    private let bytes: ByteBuffer

    init(_ bytes: ByteBuffer) { self.bytes = bytes }

    var size: Int { bytes.readableBytes }

    func read(at offset: Int, length: Int) async throws(StoreError) -> ByteBuffer {
        let start = min(max(offset, 0), size)
        return bytes.getSlice(at: bytes.readerIndex + start, length: min(max(length, 0), size - start)) ?? ByteBuffer()
    }
}
