import Bytes
package import NIOCore

extension ByteBuffer {
    /// The bytes at `offset` from the reader index, without copying; empty where they do not exist.
    func piece(_ range: Range<Int>) -> ByteBuffer {
        getSlice(at: readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    /// The bytes as text; what is not UTF-8 becomes U+FFFD.
    package var text: String {
        withUnsafeReadableBytes { String(decoding: $0, as: UTF8.self) }
    }

    init(copying bytes: [UInt8]) {
        self.init(bytes: bytes)
    }
}

/// A header value on one line: trimmed, without line ends and NUL (RFC 5322 §2.2.3).
enum Unfolding {
    /// `range` of `source` unfolded. Shares storage with `source` unless something had to be taken out.
    static func unfold(_ source: ByteBuffer, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> ByteBuffer {
        let trimmed = bytes.trimmed(range)
        guard trimmed.contains(where: { isDropped(bytes[$0]) }) else { return source.piece(trimmed) }
        return ByteBuffer(copying: trimmed.lazy.map { bytes[$0] }.filter { !isDropped($0) })
    }

    private static func isDropped(_ byte: UInt8) -> Bool {
        byte == 0 || byte == ASCII.lf || byte == ASCII.cr
    }
}
