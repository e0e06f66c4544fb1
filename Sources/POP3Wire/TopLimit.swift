import Bytes
package import NIOCore

/// Where TOP stops: after the header, the blank line and so many lines of the body (RFC 1939 §7).
package struct TopLimit: Sendable {
    private var linesLeft: Int
    private var isInHeader = true
    /// Bytes of the current line so far that are no line end.
    private var lineIsBlank = true
    /// Whether everything wanted has passed; no more content need be read.
    package private(set) var isReached = false

    package init(lines: Int) {
        linesLeft = lines
    }

    /// The beginning of `content` that is still wanted.
    package mutating func take(_ content: ByteBuffer) -> ByteBuffer {
        guard !isReached else { return content.getSlice(at: content.readerIndex, length: 0) ?? ByteBuffer() }
        let length = content.withUnsafeReadableBytes { wanted($0) }
        return content.getSlice(at: content.readerIndex, length: length) ?? ByteBuffer()
    }

    private mutating func wanted(_ bytes: UnsafeRawBufferPointer) -> Int {
        var start = 0
        while let end = bytes.offset(of: ASCII.lf, from: start) {
            let isBlank = lineIsBlank && isNothing(bytes, start, end)
            lineIsBlank = true
            start = end + 1
            if isInHeader {
                guard isBlank else { continue }
                isInHeader = false
            } else {
                linesLeft -= 1
            }
            if linesLeft <= 0 {
                isReached = true
                return start
            }
        }
        if !isNothing(bytes, start, bytes.count) { lineIsBlank = false }
        return bytes.count
    }

    /// Whether the bytes are at most one CR.
    private func isNothing(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
        end == start || (end == start + 1 && bytes[start] == ASCII.cr)
    }
}
