import Bytes
package import NIOCore

/// Counts the octets of one BDAT chunk (RFC 3030 §2).
package struct ChunkDecoder: Sendable {
    package private(set) var remaining: UInt64

    package init(size: UInt64) { remaining = size }

    /// The next piece of at most the chunk's remainder; `.end` once nothing remains; nil when `buffer` is used up.
    package mutating func next(from buffer: inout ByteBuffer) -> ContentEvent? {
        if remaining == 0 { return .end(defect: nil) }
        let length = Int(min(UInt64(buffer.readableBytes), remaining))
        guard length > 0, let piece = buffer.readSlice(length: length) else { return nil }
        remaining -= UInt64(length)
        return .piece(piece)
    }
}
