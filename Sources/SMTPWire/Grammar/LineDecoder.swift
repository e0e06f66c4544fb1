import Bytes
package import NIOCore

/// Why a command line is refused before it is parsed.
package enum LineDefect: Error, Hashable, Sendable {
    /// Longer than the limit; all of it has been consumed (RFC 5321 §4.5.3.1.4).
    case tooLong
    /// It has no end: `LineDecoder.discardLimit` octets were thrown away, and still none came.
    case endless
    /// A CR without LF, or an LF without CR (RFC 5321 §2.3.8). The line up to the LF has been consumed.
    case bareLineEnd
}

/// Cuts lines that end in CRLF out of a read buffer. An overlong line is discarded as it arrives, so that memory stays
/// bounded by the limit plus one read.
package struct LineDecoder: Sendable {
    /// Octets of one line that are thrown away before the peer is given up.
    package static let discardLimit = 1 << 20

    /// Bytes already searched for an LF, counted from the reader index.
    private var searched = 0
    /// Whether the line is over the limit, and is skipped to its end.
    private var isDiscarding = false
    private var discarded = 0

    package init() {}

    /// The next line without its CRLF, or nil if it is not complete (then `buffer` is as it was, unless an overlong
    /// line is being discarded). `limit` counts the CRLF.
    package mutating func next(from buffer: inout ByteBuffer, limit: Int) throws(LineDefect) -> ByteBuffer? {
        guard let length = buffer.distance(to: ASCII.lf, skipping: searched) else {
            searched = buffer.readableBytes
            if isDiscarding || buffer.readableBytes > limit {
                isDiscarding = true
                discarded += buffer.readableBytes
                buffer.clear()
                searched = 0
                if discarded > Self.discardLimit { throw .endless }
            }
            return nil
        }
        searched = 0
        guard let raw = buffer.readSlice(length: length + 1) else { return nil }
        if isDiscarding || length + 1 > limit {
            isDiscarding = false
            discarded = 0
            throw .tooLong
        }
        guard length > 0, let line = raw.getSlice(at: raw.readerIndex, length: length - 1),
            line.distance(to: ASCII.cr) == nil,
            raw.getInteger(at: raw.readerIndex + length - 1, as: UInt8.self) == ASCII.cr
        else { throw .bareLineEnd }
        return line
    }
}
