import Bytes
import MailStore
import MessageFormat
import NIOCore

/// A part without its content transfer encoding (RFC 3516 §4.2), decoded piece by piece. Its size is known only after
/// decoding, so a large part is decoded twice: to count, and to send.
struct BinaryPart {
    let range: Range<Int>
    let encoding: TransferEncoding
    /// The part of the decoded bytes that is wanted.
    private(set) var wanted: Range<Int>
    /// Whether the wanted bytes contain NUL, which only a literal8 may.
    private(set) var hasNUL = false
    /// The wanted bytes, where they are few.
    private(set) var bytes: ByteBuffer?

    /// Parts whose decoded bytes are kept from counting until sending.
    private static let keptSize = 64 << 10

    /// Counts. `limit` is where the wanted bytes end if nothing shorter is there.
    init(
        _ part: MIMEPart, offset: Int, limit: Int, of content: inout MessageContent
    ) async throws(StoreError) {
        range = part.bodyRange
        encoding = part.transferEncoding
        wanted = offset..<offset
        var kept = ByteBuffer()
        var isKept = true
        var position = 0
        var decoder = TransferDecoder(encoding)
        var next = range.lowerBound
        var isLast = false
        while !isLast, position < limit {
            let end = min(next + MessageContent.pieceSize, range.upperBound)
            let piece = try await content.read(next..<end)
            next = end
            isLast = next == range.upperBound
            var decoded = decoder.decode(piece)
            if isLast { decoded.writeImmutableBuffer(decoder.finish()) }
            let slice = Self.clip(decoded, at: position, to: offset..<limit)
            position += decoded.readableBytes
            if slice.distance(to: 0) != nil { hasNUL = true }
            if isKept {
                kept.writeImmutableBuffer(slice)
                if kept.readableBytes > Self.keptSize {
                    isKept = false
                    kept = ByteBuffer()
                }
            }
        }
        let end = min(position, limit)
        let start = min(offset, end)
        wanted = start..<end
        bytes = isKept ? kept : nil
    }

    /// Calls `body` with the wanted bytes, in pieces.
    func forEachPiece(
        of content: inout MessageContent, _ body: (ByteBuffer) async throws(MessageFailure) -> Void
    ) async throws(MessageFailure) {
        if let bytes {
            try await body(bytes)
            return
        }
        var decoder = TransferDecoder(encoding)
        var next = range.lowerBound
        var position = 0
        while position < wanted.upperBound {
            let end = min(next + MessageContent.pieceSize, range.upperBound)
            let piece: ByteBuffer
            do {
                piece = try await content.read(next..<end)
            } catch {
                throw .store(error)
            }
            next = end
            var decoded = decoder.decode(piece)
            if next == range.upperBound { decoded.writeImmutableBuffer(decoder.finish()) }
            let slice = Self.clip(decoded, at: position, to: wanted)
            position += decoded.readableBytes
            if slice.readableBytes > 0 { try await body(slice) }
            if next == range.upperBound, position < wanted.upperBound {
                throw .store(.damaged("item \(content.item): content changed while it was sent"))
            }
        }
    }

    /// What of `bytes`, which begin at `position`, lies in `range`.
    private static func clip(_ bytes: ByteBuffer, at position: Int, to range: Range<Int>) -> ByteBuffer {
        let start = max(range.lowerBound - position, 0)
        let end = min(range.upperBound - position, bytes.readableBytes)
        guard start < end else { return ByteBuffer() }
        return bytes.getSlice(at: bytes.readerIndex + start, length: end - start) ?? ByteBuffer()
    }
}
