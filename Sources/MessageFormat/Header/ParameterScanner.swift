import Bytes
import NIOCore

/// Reads `value; name=value; name="value"` (RFC 2045 §5.1), forgiving what programs in the field write.
struct ParameterScanner {
    let source: ByteBuffer
    let bytes: UnsafeRawBufferPointer
    var position: Int
    let end: Int

    /// No header needs more parameters than this, RFC 2231 sections included.
    static let maximumParameters = 1000

    init(_ source: ByteBuffer, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.source = source
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// `type/subtype`, lower-case; nil if it is not of that form.
    mutating func mediaType() -> (type: String, subtype: String)? {
        skipSpace()
        let type = token()
        skipSpace()
        guard position < end, bytes[position] == ASCII.slash else { return nil }
        position += 1
        skipSpace()
        let subtype = token()
        skipSpace()
        // RFC 2045 §5.2: what cannot be read is text/plain.
        guard !type.isEmpty, !subtype.isEmpty, type.count <= 127, subtype.count <= 127 else { return nil }
        guard position == end || bytes[position] != ASCII.slash else { return nil }
        return (lowercased(type), lowercased(subtype))
    }

    /// A token, lower-case, such as a disposition or an encoding.
    mutating func word() -> String? {
        skipSpace()
        if position < end, bytes[position] == ASCII.doubleQuote { return quotedString().text.lowercased() }
        let range = token()
        return range.isEmpty ? nil : lowercased(range)
    }

    /// What is left, as parameters. They begin behind a semicolon.
    mutating func parameters() -> [MIMEParameter] {
        var output: [MIMEParameter] = []
        skipSpace()
        if position < end, bytes[position] != ASCII.semicolon { skipJunk() }
        while output.count < Self.maximumParameters {
            skipSpace()
            while position < end, bytes[position] == ASCII.semicolon {
                position += 1
                skipSpace()
            }
            guard position < end else { break }
            let name = token()
            skipSpace()
            guard !name.isEmpty, position < end, bytes[position] == ASCII.equals else {
                // Junk: go on behind the next semicolon.
                skipJunk()
                continue
            }
            position += 1
            skipSpace()
            let key = lowercased(name)
            output.append(MIMEParameter(name: key, value: value(of: key)))
        }
        return output
    }

    private mutating func value(of name: String) -> ByteBuffer {
        guard position < end else { return ByteBuffer() }
        if bytes[position] == ASCII.doubleQuote {
            let value = quotedString()
            skipSpace()
            return value
        }
        // File names are often written unquoted, with blanks and parentheses in them.
        let isName = name.utf8.starts(with: "name".utf8) || name.utf8.starts(with: "filename".utf8)
        let start = position
        while position < end, bytes[position] != ASCII.semicolon {
            if !isName, bytes[position].isFoldingSpace || bytes[position] == ASCII.leftParenthesis { break }
            position += 1
        }
        return Unfolding.unfold(source, bytes, start..<position)
    }

    private mutating func quotedString() -> ByteBuffer {
        position += 1
        let start = position
        var isVerbatim = true
        while position < end, bytes[position] != ASCII.doubleQuote {
            switch bytes[position] {
            case ASCII.backslash:
                isVerbatim = false
                position += 1
            case ASCII.cr, ASCII.lf, 0: isVerbatim = false
            default: break
            }
            position += 1
        }
        let close = min(position, end)
        position = min(position + 1, end)
        if isVerbatim { return source.piece(start..<close) }
        var output: [UInt8] = []
        var index = start
        while index < close {
            // Only these two need quoting. Programs that write file names with their folders forget to quote the rest.
            if bytes[index] == ASCII.backslash, index + 1 < close,
                bytes[index + 1] == ASCII.backslash || bytes[index + 1] == ASCII.doubleQuote
            {
                index += 1
            }
            if bytes[index] != ASCII.cr, bytes[index] != ASCII.lf, bytes[index] != 0 { output.append(bytes[index]) }
            index += 1
        }
        return ByteBuffer(copying: output)
    }

    /// The range of a token of RFC 2045 §5.1; bytes above 127 are let through.
    private mutating func token() -> Range<Int> {
        let start = position
        while position < end, Self.isToken(bytes[position]) { position += 1 }
        return start..<position
    }

    private mutating func skipJunk() {
        while position < end, bytes[position] != ASCII.semicolon {
            if bytes[position] == ASCII.doubleQuote { _ = quotedString() } else { position += 1 }
        }
    }

    /// Blanks, line ends and comments.
    private mutating func skipSpace() {
        while position < end {
            if bytes[position].isFoldingSpace {
                position += 1
            } else if bytes[position] == ASCII.leftParenthesis {
                position = Comment.end(bytes, position, end)
            } else {
                return
            }
        }
    }

    private func lowercased(_ range: Range<Int>) -> String {
        guard range.count <= 15 else {
            return String(decoding: range.lazy.map { bytes[$0].asciiLowercased }, as: UTF8.self)
        }
        return String(unsafeUninitializedCapacity: range.count) { target in
            for index in 0..<range.count { target[index] = bytes[range.lowerBound + index].asciiLowercased }
            return range.count
        }
    }

    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x22, 0x28, 0x29, 0x2C, 0x2F, 0x3A...0x40, 0x5B...0x5D, 0x7F: false
        default: true
        }
    }
}

/// `( … )` of RFC 5322 §3.2.2, with any nesting and without recursion.
enum Comment {
    /// One past the comment that opens at `start`; `end` if it is never closed.
    static func end(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int {
        var depth = 0
        var index = start
        while index < end {
            switch bytes[index] {
            case ASCII.backslash: index += 1
            case ASCII.leftParenthesis: depth += 1
            case ASCII.rightParenthesis:
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return end
    }
}
