import Bytes
package import NIOCore

/// Finds the structure of a message while its bytes go by, in chunks of any size.
///
/// The parser keeps no body bytes: headers up to the limits, and a line that may be a boundary. The same bytes give the
/// same structure however they are cut. Lines end with LF, with or without CR before it; a lone CR ends nothing.
///
/// How it works: `nodes` are the parts met so far, in the order of their headers; `open` is the way from the root to the
/// part being read, and `boundaries` are the delimiters that can end it, innermost last. In a body only the starts of
/// lines matter, and those only when a multipart is open. In a header each line is kept, and the first that cannot be part
/// of a header ends it.
package struct MessageParser: Sendable {
    let limits: ParserLimits
    var nodes: [Node] = []
    var open: [Int] = [0]
    var boundaries: [Boundary] = []

    /// Offset of the next byte.
    var offset = 0
    /// Line ends so far.
    var lines = 0
    /// Bytes of the line end before the current line: 0, 1 or 2.
    var terminator = 0
    var previous: UInt8 = 0
    var isInHeader = true
    var isAtLineStart = true

    /// In a header: what is kept of it. In a body: the beginning of a line that may be a boundary.
    var held = ByteBuffer()
    /// In a header: where the current line begins, in the message and in `held`.
    var lineOffset = 0
    var lineMark = 0
    /// Where the current field begins in `held`.
    var fieldMark = 0
    var isFirstLine = true
    /// Whether bytes of the current line were not kept.
    var isLineCut = false
    /// Whether the rest of the current field is not kept.
    var isFieldDropped = false
    var keptBytes = 0
    var headerLimit: Int
    var isTruncated = false

    /// A longer line is no boundary (RFC 2046 §5.1.1 allows 70 characters).
    static let candidateLimit = 2048

    struct Boundary: Sendable {
        var node: Int
        var bytes: [UInt8]
    }

    struct Node: Sendable {
        var parent: Int
        var part = MIMEPart()
        var isMultipart = false

        var bodyStart = 0
        var linesAtStart = 0
    }

    var envelope = Envelope()
    var references: ByteBuffer?

    package init(limits: ParserLimits = .standard) {
        self.limits = limits
        nodes.append(Node(parent: -1))
        headerLimit = limits.headerBytes
    }

    package mutating func consume(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { consume($0) }
    }

    /// Reads the next bytes of the message.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while position < bytes.count {
            if isInHeader {
                header(bytes, &position)
            } else if boundaries.isEmpty {
                plainBody(bytes, &position)
            } else {
                body(bytes, &position)
            }
        }
    }

    /// Says that there are no more bytes. The parser is used up.
    package mutating func finish() -> MessageStructure {
        if isInHeader, offset > lineOffset {
            headerLine(terminator: 0)
        } else if !isInHeader, held.readableBytes > 0 {
            let length = held.readableBytes
            if let match = held.withUnsafeReadableBytes({ boundary($0) }) {
                held.clear()
                delimiter(match, at: offset - length, to: offset)
            }
        }
        while isInHeader { endHeader(at: offset) }
        terminator = 0
        close(downTo: 0, at: offset)
        return MessageStructure(
            root: tree(), envelope: envelope, references: references, size: offset, isTruncated: isTruncated)
    }

    // MARK: Bodies

    /// Counts line ends; no line can mean anything.
    private mutating func plainBody(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) {
        var index = position
        while let feed = bytes.offset(of: ASCII.lf, from: index) {
            lines += 1
            index = feed + 1
        }
        offset += bytes.count - position
        position = bytes.count
    }

    private mutating func body(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) {
        if held.readableBytes > 0 {
            resumeCandidate(bytes, &position)
            return
        }
        while position < bytes.count {
            if isAtLineStart, bytes[position] == ASCII.hyphen {
                let feed = bytes.offset(of: ASCII.lf, from: position)
                let stop = feed.map { $0 + 1 } ?? bytes.count
                let line = UnsafeRawBufferPointer(rebasing: bytes[position..<stop])
                if feed == nil, line.count <= Self.candidateLimit, line.count < 2 || line[1] == ASCII.hyphen {
                    held.writeBytes(line)
                    advance(line, &position)
                    return
                }
                if feed != nil, let match = boundary(line) {
                    advance(line, &position)
                    delimiter(match, at: offset - line.count, to: offset)
                    lines += 1
                    return
                }
            }
            guard let feed = bytes.offset(of: ASCII.lf, from: position) else {
                advance(UnsafeRawBufferPointer(rebasing: bytes[position...]), &position)
                isAtLineStart = false
                return
            }
            let before = feed > position ? bytes[feed - 1] : (isAtLineStart ? 0 : previous)
            terminator = before == ASCII.cr ? 2 : 1
            lines += 1
            offset += feed + 1 - position
            position = feed + 1
            isAtLineStart = true
        }
    }

    /// Goes on with a line that began like a boundary in an earlier chunk.
    private mutating func resumeCandidate(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) {
        let feed = bytes.offset(of: ASCII.lf, from: position)
        let stop = feed.map { $0 + 1 } ?? bytes.count
        let rest = UnsafeRawBufferPointer(rebasing: bytes[position..<stop])
        let isShort = held.readableBytes + rest.count <= Self.candidateLimit
        if isShort {
            held.writeBytes(rest)
            let second =
                held.readableBytes > 1 ? held.getInteger(at: held.readerIndex + 1, as: UInt8.self) : ASCII.hyphen
            if second == ASCII.hyphen {
                if feed == nil {
                    advance(rest, &position)
                    return
                }
                let length = held.readableBytes
                if let match = held.withUnsafeReadableBytes({ boundary($0) }) {
                    held.clear()
                    advance(rest, &position)
                    delimiter(match, at: offset - length, to: offset)
                    lines += 1
                    return
                }
            }
        }
        // An ordinary line: the body loop reads on in it, no longer at its start.
        held.clear()
        isAtLineStart = false
    }

    private mutating func advance(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) {
        offset += bytes.count
        position += bytes.count
        if let last = bytes.last { previous = last }
    }
}
