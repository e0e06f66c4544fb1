import Bytes
package import NIOCore

/// Cuts the client's bytes into lines, and never holds more of a line than its limit.
package struct POP3LineReader: Sendable {
    /// With the CRLF (RFC 2449 §4).
    package static let commandLimit = 255
    /// For AUTH and the lines after it, whose length the mechanisms decide (RFC 5034 §4): 4 KiB of decoded response.
    package static let authenticationLimit = 8192

    package enum Result: Hashable, Sendable {
        /// No line end yet; nothing was taken from the buffer.
        case incomplete
        case line(ByteBuffer)
        /// Said once per line; what follows of it is thrown away.
        case tooLong
        /// Far too much was thrown away: the line has no end.
        case endless
    }

    /// Whether the rest of an overlong line is still coming.
    private var isDiscarding = false
    private var discarded = 0
    /// Octets of one line that are thrown away before the peer is given up.
    package static let discardLimit = 1 << 20

    package init() {}

    /// Takes the next line, without its line end. A lone LF ends a line as CRLF does: there is nothing to smuggle here, and
    /// people test servers by hand.
    package mutating func next(from input: inout ByteBuffer, isAuthenticating: Bool) -> Result {
        while true {
            let end = input.distance(to: ASCII.lf)
            if isDiscarding {
                guard let end else {
                    discarded += input.readableBytes
                    input.moveReaderIndex(to: input.writerIndex)
                    return discarded > Self.discardLimit ? .endless : .incomplete
                }
                discarded = 0
                input.moveReaderIndex(forwardBy: end + 1)
                isDiscarding = false
                continue
            }
            let isLong = isAuthenticating || input.startsIgnoringASCIICase(with: "AUTH ")
            let limit = isLong ? Self.authenticationLimit : Self.commandLimit
            guard let end, end < limit else {
                if end == nil, input.readableBytes < limit { return .incomplete }
                isDiscarding = true
                return .tooLong
            }
            guard var line = input.readSlice(length: end), input.readInteger(as: UInt8.self) != nil else {
                return .incomplete
            }
            if line.readableBytesView.last == ASCII.cr { line.moveWriterIndex(to: line.writerIndex - 1) }
            return .line(line)
        }
    }
}
