import Bytes
import NIOCore

/// Writes header fields: encoded where they must be, folded where they may be, and never more than one field at a time.
struct HeaderWriter {
    private(set) var buffer = ByteBuffer()
    /// Whether UTF-8 may stand in headers (RFC 6532); without it everything is ASCII.
    let allowsUTF8: Bool

    /// RFC 5322 §2.1.1: lines should not be longer.
    static let lineLength = 78

    init(allowsUTF8: Bool) { self.allowsUTF8 = allowsUTF8 }

    /// A field whose value is ready but for folding.
    mutating func field(_ name: String, structured value: String) {
        buffer.writeString(Self.name(name))
        buffer.writeStaticString(":")
        fold(Self.oneLine(value), column: name.utf8.count + 1)
        buffer.writeStaticString("\r\n")
    }

    /// A field of free text such as Subject.
    mutating func field(_ name: String, text: String) {
        let line = Self.oneLine(text)
        let isPlain = line.utf8.allSatisfy { $0 < 0x7F } && !line.contains("=?")
        field(name, structured: isPlain || allowsUTF8 ? line : EncodedWordWriter.encode(line))
    }

    /// Lines are broken before a blank; a word that is too long for a line stays whole.
    private mutating func fold(_ value: String, column: Int) {
        var column = column
        let blank: Character = " "
        let trimmed = value.drop { $0 == blank }
        let end = trimmed.lastIndex { $0 != blank }.map { trimmed.index(after: $0) } ?? trimmed.startIndex
        for word in trimmed[..<end].split(separator: blank, omittingEmptySubsequences: false) {
            let length = word.utf8.count + 1
            // An empty word is one more blank between two; a line of blanks must not come of it.
            if column + length > Self.lineLength, column > 1, !word.isEmpty {
                buffer.writeStaticString("\r\n")
                column = 0
            }
            buffer.writeStaticString(" ")
            buffer.writeSubstring(word)
            column += length
        }
    }

    /// Nothing that a value holds may begin a field of its own.
    static func oneLine(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return text }
        return String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7F ? ASCII.space : $0 }, as: UTF8.self)
    }

    private static func name(_ name: String) -> String {
        String(decoding: name.utf8.filter { $0 > 0x20 && $0 < 0x7F && $0 != ASCII.colon }, as: UTF8.self)
    }

    /// `name` as a phrase: atoms, quoted, or encoded (RFC 5322 §3.2.5).
    static func phrase(_ name: String, allowsUTF8: Bool) -> String {
        let line = oneLine(name)
        let isASCII = line.utf8.allSatisfy { $0 < 0x80 }
        guard isASCII && !line.contains("=?") || allowsUTF8 else { return EncodedWordWriter.encode(line) }
        let needsQuotes = line.utf8.contains { !LocalPartBytes.isAtomText($0) && $0 != ASCII.space }
        return needsQuotes ? quoted(line) : line
    }

    static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { output.unicodeScalars.append("\\") }
            output.unicodeScalars.append(scalar)
        }
        return output + "\""
    }
}

/// atext of RFC 5322 §3.2.3, UTF-8 included.
enum LocalPartBytes {
    static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2F, 0x3D, 0x3F, 0x5E...0x60, 0x7B...0x7E: true
        default: false
        }
    }
}

/// Text as encoded words in UTF-8 (RFC 2047 §2), each at most 75 characters and ending between characters.
enum EncodedWordWriter {
    private static let open = "=?utf-8?"
    /// 75 less `=?utf-8?Q?` and `?=`.
    private static let room = 63

    static func encode(_ text: String) -> String {
        let special = text.utf8.reduce(0) { $0 + (isPlain($1) ? 0 : 1) }
        return special * 3 > text.utf8.count ? base64(text) : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        var words: [String] = []
        var word = ""
        for scalar in text.unicodeScalars {
            var piece = ""
            for byte in String(Character(scalar)).utf8 {
                if byte == ASCII.space {
                    piece += "_"
                } else if isPlain(byte) {
                    piece.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    piece += "=" + hexadecimal(byte)
                }
            }
            if word.utf8.count + piece.utf8.count > room {
                words.append(word)
                word = ""
            }
            word += piece
        }
        if !word.isEmpty { words.append(word) }
        return words.map { open + "Q?" + $0 + "?=" }.joined(separator: " ")
    }

    private static func base64(_ text: String) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        for scalar in text.unicodeScalars {
            let bytes = Array(String(Character(scalar)).utf8)
            if word.count + bytes.count > room / 4 * 3 {
                words.append(Base64.string(word))
                word.removeAll()
            }
            word += bytes
        }
        if !word.isEmpty { words.append(Base64.string(word)) }
        return words.map { open + "B?" + $0 + "?=" }.joined(separator: " ")
    }

    static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }

    /// What may stand for itself in a phrase (RFC 2047 §5, rule 3), and the blank.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric || byte == ASCII.space || byte == 0x21 || byte == ASCII.asterisk || byte == ASCII.plus
            || byte == ASCII.hyphen || byte == ASCII.slash
    }
}

/// `name=value` of MIME fields.
enum ParameterWriter {
    private static let sectionLength = 50

    /// `; name=value`, quoted if it must be, or in the sections and charset of RFC 2231.
    static func write(_ name: String, _ value: String) -> String {
        let line = HeaderWriter.oneLine(value)
        if line.utf8.allSatisfy({ $0 < 0x80 }), line.utf8.count <= sectionLength {
            let isToken = !line.isEmpty && line.utf8.allSatisfy { ParameterScanner.isToken($0) }
            return "; \(name)=" + (isToken ? line : HeaderWriter.quoted(line))
        }
        var sections: [String] = []
        var section = "utf-8''"
        for scalar in line.unicodeScalars {
            let piece = String(Character(scalar)).utf8.map { byte in
                byte.isASCIIAlphanumeric || byte == ASCII.dot || byte == ASCII.hyphen || byte == ASCII.underscore
                    ? String(Unicode.Scalar(byte)) : "%" + EncodedWordWriter.hexadecimal(byte)
            }.joined()
            if section.utf8.count + piece.utf8.count > sectionLength {
                sections.append(section)
                section = ""
            }
            section += piece
        }
        sections.append(section)
        if sections.count == 1 { return "; \(name)*=\(sections[0])" }
        return sections.enumerated().map { "; \(name)*\($0.offset)*=\($0.element)" }.joined()
    }
}
