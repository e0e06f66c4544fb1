import Bytes
package import NIOCore

/// What is wrong with a message's lines.
package enum ContentDefect: Hashable, Sendable {
    /// A CR without LF or an LF without CR.
    case bareLineEnd
    /// More octets than the limit.
    case tooLarge
}

/// One step of reading content.
package enum ContentEvent: Hashable, Sendable {
    /// A piece of the message, sharing the read buffer's storage.
    case piece(ByteBuffer)
    /// The end of the message (DATA) or chunk (BDAT), `defect` if it must be refused.
    case end(defect: ContentDefect?)
}

/// Undoes dot-stuffing (RFC 5321 §4.5.2) on the way from read buffer to store, without copying.
///
/// Only CRLF "." CRLF ends the data. Two servers that disagree about what a line is can be made to see different
/// messages ("SMTP smuggling"), so a bare CR or LF (forbidden by RFC 5321 §2.3.8) neither begins nor ends a line here; the
/// message is read to its true end and refused. Memory does not depend on the length of lines or of the message: pieces
/// are handed out as they arrive, and after a defect nothing is handed out any more.
package struct ContentDecoder: Sendable {
    /// What the bytes seen so far allow to come next.
    private enum Position: Sendable {
        /// After CRLF, or at the beginning.
        case lineStart
        /// After a dot at the start of a line; the dot is consumed and stands for nothing yet.
        case lineStartDot
        /// After dot and CR at the start of a line.
        case lineStartDotCR
        case middle
        /// After a CR that has been handed out; only LF may follow.
        case middleCR
    }

    private var position = Position.lineStart
    /// Largest number of octets accepted, nil for no limit.
    private let limit: UInt64?
    /// Octets of the message so far, dots undone; counting goes on past the limit.
    package private(set) var count: UInt64 = 0
    package private(set) var defect: ContentDefect?

    package init(limit: UInt64? = nil) { self.limit = limit }

    /// The next event, or nil when `buffer` is used up.
    package mutating func next(from buffer: inout ByteBuffer) -> ContentEvent? {
        while buffer.readableBytes > 0 {
            switch position {
            case .lineStart:
                if peek(buffer) == ASCII.dot {
                    buffer.moveReaderIndex(forwardBy: 1)
                    position = .lineStartDot
                } else if let piece = takeLines(&buffer) {
                    return .piece(piece)
                }
            case .lineStartDot:
                if peek(buffer) == ASCII.cr {
                    buffer.moveReaderIndex(forwardBy: 1)
                    position = .lineStartDotCR
                } else {
                    // The dot was stuffing; what follows is the line.
                    position = .middle
                }
            case .lineStartDotCR:
                if peek(buffer) == ASCII.lf {
                    buffer.moveReaderIndex(forwardBy: 1)
                    return .end(defect: defect)
                }
                // A bare CR; what follows may be the CR of a true CRLF.
                defect = .bareLineEnd
                position = .middle
            case .middle, .middleCR:
                if let piece = takeLines(&buffer) { return .piece(piece) }
            }
        }
        return nil
    }

    private func peek(_ buffer: ByteBuffer) -> UInt8? { buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) }

    /// Takes all bytes up to a dot at the start of a line, or to the end of the buffer. Nil if none are to be handed out.
    private mutating func takeLines(_ buffer: inout ByteBuffer) -> ByteBuffer? {
        let scan = buffer.withUnsafeReadableBytes { Self.scan($0, from: position) }
        position = scan.position
        if scan.hasBareLineEnd { defect = .bareLineEnd }
        guard let piece = buffer.readSlice(length: scan.length), scan.length > 0 else { return nil }
        count &+= UInt64(scan.length)
        if let limit, count > limit, defect == nil { defect = .tooLarge }
        return defect == nil ? piece : nil
    }

    private struct Scan {
        var length = 0
        var position: Position
        var hasBareLineEnd = false
    }

    /// Finds how far lines go without a dot in front. One memchr for LF and one for CR a line: 76-byte lines cost a few
    /// nanoseconds each, and a line without end costs no more than its bytes.
    private static func scan(_ bytes: UnsafeRawBufferPointer, from position: Position) -> Scan {
        var result = Scan(position: position)
        var start = 0
        if case .middleCR = position {
            if bytes[0] == ASCII.lf {
                start = 1
                result.position = .lineStart
                if start < bytes.count, bytes[start] == ASCII.dot {
                    result.length = start
                    return result
                }
            } else {
                result.hasBareLineEnd = true
                result.position = .middle
            }
        }
        while start < bytes.count {
            let lineFeed = bytes.offset(of: ASCII.lf, from: start)
            let end = lineFeed ?? bytes.count
            let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            if let firstCR = line.offset(of: ASCII.cr), firstCR != line.count - 1 { result.hasBareLineEnd = true }
            let endsInCR = line.last == ASCII.cr
            guard lineFeed != nil else {
                result.position = endsInCR ? .middleCR : .middle
                break
            }
            start = end + 1
            if endsInCR {
                result.position = .lineStart
                if start < bytes.count, bytes[start] == ASCII.dot { break }
            } else {
                result.hasBareLineEnd = true
                result.position = .middle
            }
        }
        result.length = min(start, bytes.count)
        if start < bytes.count, result.position != .lineStart { result.length = bytes.count }
        return result
    }
}
