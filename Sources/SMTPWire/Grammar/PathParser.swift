import Bytes
import MailModel
import NIOCore

/// Why a path is refused.
enum PathDefect: Error, Hashable {
    case syntax
    case localPartTooLong
    case domain
}

/// `Path` of RFC 5321 §4.1.2, with the additions of RFC 6531 §3.3.
struct PathParser {
    enum Path: Equatable {
        case empty
        case postmaster
        case mailbox(EmailAddress)
    }

    /// Reads one path in angle brackets.
    static func path(_ cursor: inout LineCursor) throws(PathDefect) -> Path {
        guard cursor.take(ASCII.less) else { throw .syntax }
        if cursor.take(ASCII.greater) { return .empty }
        if cursor.next == ASCII.at { try skipSourceRoute(&cursor) }
        let local = try localPart(&cursor)
        if cursor.take(ASCII.greater) {
            // RFC 5321 §4.5.1: the only address without a domain that must be accepted.
            guard local.lowercased() == "postmaster" else { throw .syntax }
            return .postmaster
        }
        guard cursor.take(ASCII.at) else { throw .syntax }
        let domain = try domain(&cursor)
        guard cursor.take(ASCII.greater) else { throw .syntax }
        guard let address = EmailAddress(localPart: local, domain: domain) else {
            if DomainName(domain) == nil { throw .domain }
            throw local.utf8.count > 64 ? .localPartTooLong : .syntax
        }
        return .mailbox(address)
    }

    /// `@one,@two:`; RFC 5321 Appendix C: accepted and ignored.
    private static func skipSourceRoute(_ cursor: inout LineCursor) throws(PathDefect) {
        repeat {
            guard cursor.take(ASCII.at) else { throw .syntax }
            _ = try domain(&cursor)
        } while cursor.take(0x2C)
        guard cursor.take(ASCII.colon) else { throw .syntax }
    }

    /// A dot-string or a quoted string, as written.
    private static func localPart(_ cursor: inout LineCursor) throws(PathDefect) -> String {
        let start = cursor.rest
        if cursor.take(ASCII.doubleQuote) {
            var isEscaped = false
            while let byte = cursor.next {
                cursor.advance()
                guard byte >= 0x20, byte != 0x7F else { throw .syntax }
                if isEscaped {
                    isEscaped = false
                } else if byte == ASCII.backslash {
                    isEscaped = true
                } else if byte == ASCII.doubleQuote {
                    return try text(from: start, to: cursor)
                }
            }
            throw .syntax
        }
        _ = cursor.take { LocalPart.isAtomText($0) || $0 == ASCII.dot }
        return try text(from: start, to: cursor)
    }

    /// A domain or an address literal, as written.
    private static func domain(_ cursor: inout LineCursor) throws(PathDefect) -> String {
        let start = cursor.rest
        if cursor.take(ASCII.leftBracket) {
            let literal = cursor.take { $0 > 0x20 && $0 < 0x7F && $0 != ASCII.rightBracket && $0 != ASCII.leftBracket }
            guard cursor.take(ASCII.rightBracket) else { throw .syntax }
            guard let text = literal.validText, AddressLiteral.isValid(text) else { throw .domain }
            return try self.text(from: start, to: cursor)
        }
        let name = cursor.take {
            $0.isASCIIAlphanumeric || $0 == ASCII.dot || $0 == ASCII.hyphen || $0 == 0x5F || $0 >= 0x80
        }
        guard name.readableBytes > 0 else { throw .syntax }
        // RFC 5321 §4.1.2: a domain in a path has no final dot.
        guard let text = name.validText, text.utf8.last != ASCII.dot else { throw .domain }
        return text
    }

    private static func text(from start: ByteBuffer, to end: LineCursor) throws(PathDefect) -> String {
        let length = start.readableBytes - end.rest.readableBytes
        guard length > 0, let text = start.getSlice(at: start.readerIndex, length: length)?.validText else {
            throw .syntax
        }
        return text
    }
}
