import Bytes

/// The words of an HTML document, for previews and search. Not a parser: tags, comments, styles and scripts go away.
package enum HTMLText {
    /// The text of `html` in UTF-8, `limit` bytes of it at most; block elements leave a line end.
    package static func extract(_ html: String, limit: Int = .max) -> String {
        let bytes = Array(html.utf8)
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count, output.count < limit {
            let byte = bytes[index]
            if byte == ASCII.less {
                index = skipMarkup(bytes, index, &output)
            } else if byte == 0x26 {
                index = entity(bytes, index, &output)
            } else {
                output.append(byte)
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static let hidden: Set<String> = ["style", "script", "head", "title", "template", "noscript", "svg"]
    private static let inline: Set<String> = [
        "a", "b", "i", "u", "em", "strong", "span", "font", "small", "big", "sub", "sup", "code", "tt", "s", "abbr",
        "wbr", "mark",
    ]

    /// Goes behind the tag or comment at `start`, and behind the content of elements that are not shown.
    private static func skipMarkup(_ bytes: [UInt8], _ start: Int, _ output: inout [UInt8]) -> Int {
        if bytes[start...].starts(with: "<!--".utf8) {
            return find(bytes, "-->", start + 4).map { $0 + 3 } ?? bytes.count
        }
        var index = start + 1
        let isClosing = index < bytes.count && bytes[index] == ASCII.slash
        if isClosing { index += 1 }
        let nameStart = index
        while index < bytes.count, bytes[index].isASCIIAlphanumeric, index - nameStart < 16 { index += 1 }
        guard index > nameStart || (index < bytes.count && (bytes[index] == 0x21 || bytes[index] == 0x3F)) else {
            output.append(ASCII.less)
            return start + 1
        }
        let name = String(decoding: bytes[nameStart..<index].map(\.asciiLowercased), as: UTF8.self)
        var quote: UInt8 = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == ASCII.doubleQuote || byte == 0x27 {
                quote = byte
            } else if byte == ASCII.greater {
                break
            }
        }
        if !inline.contains(name) { output.append(ASCII.lf) }
        if !isClosing, hidden.contains(name) {
            guard let close = find(bytes, "</" + name, index) else { return bytes.count }
            return find(bytes, ">", close).map { $0 + 1 } ?? bytes.count
        }
        return index
    }

    /// The next `text` without regard to case.
    private static func find(_ bytes: [UInt8], _ text: String, _ start: Int) -> Int? {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, bytes.count >= wanted.count else { return nil }
        var index = start
        while index <= bytes.count - wanted.count {
            if bytes[index].asciiLowercased == first,
                wanted.indices.allSatisfy({ bytes[index + $0].asciiLowercased == wanted[$0] })
            {
                return index
            }
            index += 1
        }
        return nil
    }

    private static let entities: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "copy": "©", "reg": "®", "trade": "™",
        "euro": "€", "hellip": "…", "mdash": "—", "ndash": "–", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”",
        "laquo": "«", "raquo": "»", "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü",
        "szlig": "ß",
        "eacute": "é", "egrave": "è", "agrave": "à", "aacute": "á", "ccedil": "ç", "ntilde": "ñ", "bull": "•",
        "middot": "·",
        "zwnj": "", "zwj": "", "shy": "",
    ]

    private static func entity(_ bytes: [UInt8], _ start: Int, _ output: inout [UInt8]) -> Int {
        let window = bytes[(start + 1)..<min(start + 12, bytes.count)]
        guard let end = window.firstIndex(of: ASCII.semicolon), end > start + 1 else {
            output.append(bytes[start])
            return start + 1
        }
        let name = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
        if name.utf8.first == 0x23 {
            let digits = name.dropFirst()
            let isHexadecimal = digits.utf8.first.map { $0 | 0x20 == 0x78 } ?? false
            let value = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            if let value, value >= 0x20, let scalar = Unicode.Scalar(value) {
                output.append(contentsOf: String(Character(scalar)).utf8)
                return end + 1
            }
        } else if let text = entities[name] {
            output.append(contentsOf: text.utf8)
            return end + 1
        }
        output.append(bytes[start])
        return start + 1
    }
}
