import ContentStore
import NIOCore
import Synchronization

/// A stored message's bytes: in memory, or read frame by frame.
final class StoredContent: ContentReader {
    private enum Source {
        case memory(ByteBuffer)
        case file(FileAccess, Readers)
    }

    /// Safety of `@unchecked Sendable`: `access` is touched under the lock only.
    private final class FileAccess: @unchecked Sendable {
        private let lock = Mutex(())
        private let access: ContentAccess
        init(_ access: ContentAccess) { self.access = access }

        func read(_ offset: Int, _ length: Int, _ compressor: Compressor) throws(ContentError) -> [UInt8] {
            lock._unsafeLock()
            defer { lock._unsafeUnlock() }
            return try access.read(at: offset, length: length, with: compressor)
        }
    }

    let size: Int
    private let source: Source

    init(_ bytes: [UInt8]) {
        size = bytes.count
        source = .memory(ByteBuffer(bytes: bytes))
    }

    init(_ access: sending ContentAccess, _ readers: Readers) {
        size = access.header.rawLength
        source = .file(FileAccess(access), readers)
    }

    func read(at offset: Int, length: Int) async throws(StoreError) -> ByteBuffer {
        switch source {
        case .memory(let bytes):
            let first = min(max(offset, 0), size)
            return bytes.getSlice(at: bytes.readerIndex + first, length: min(max(length, 0), size - first))
                ?? ByteBuffer()
        case .file(let access, let readers):
            return try await readers.readContent { compressor throws(ContentError) in
                ByteBuffer(bytes: try access.read(offset, min(length, 1 << 20), compressor))
            }
        }
    }
}
