import Bytes
package import NIOCore

/// Writes a message as the lines of an answer (RFC 1939 §3): a dot before a line that begins with one, CRLF for every line
/// end, also where the message has a lone LF, and `CRLF.CRLF` at its end. Content comes in slices cut anywhere.
package struct DotStuffer: Sendable {
    private var isAtLineStart = true
    private var lastWasCR = false

    package init() {}

    /// Appends `content`. Runs that need no change are copied whole.
    package mutating func write(_ content: ByteBuffer, into output: inout ByteBuffer) {
        content.withUnsafeReadableBytes { bytes in write(bytes, into: &output) }
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        guard !bytes.isEmpty else { return }
        var runStart = 0
        if isAtLineStart, bytes[0] == ASCII.dot { output.writeInteger(ASCII.dot) }
        var searchStart = 0
        while let lineEnd = bytes.offset(of: ASCII.lf, from: searchStart) {
            let hasCR = lineEnd > 0 ? bytes[lineEnd - 1] == ASCII.cr : lastWasCR
            if !hasCR {
                output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[runStart..<lineEnd]))
                output.writeInteger(ASCII.cr)
                runStart = lineEnd
            }
            searchStart = lineEnd + 1
            if searchStart < bytes.count, bytes[searchStart] == ASCII.dot {
                output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[runStart..<searchStart]))
                output.writeInteger(ASCII.dot)
                runStart = searchStart
            }
        }
        output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[runStart...]))
        isAtLineStart = searchStart == bytes.count
        lastWasCR = bytes[bytes.count - 1] == ASCII.cr
    }

    /// Ends the last line, if the message did not, and closes the answer.
    package mutating func finish(into output: inout ByteBuffer) {
        output.writeStaticString(isAtLineStart ? ".\r\n" : "\r\n.\r\n")
        self = DotStuffer()
    }
}
