import Bytes
package import NIOCore

/// A parameter of Content-Type or Content-Disposition as written: unquoted, but with the stars of RFC 2231 in its name
/// and without anything decoded.
package struct MIMEParameter: Sendable, Hashable {
    /// Lower-case.
    package var name: String
    package var value: ByteBuffer

    package init(name: String, value: ByteBuffer) {
        self.name = name
        self.value = value
    }

    /// The value called `name`, put together from its sections and decoded.
    ///
    /// A value with charset or sections wins over a plain one (RFC 2231 §3, §4). A plain value may hold encoded words: RFC
    /// 2047 §5 forbids it and many programs do it.
    package static func decoded(_ parameters: [MIMEParameter], _ name: String) -> String? {
        var plain: ByteBuffer?
        var sections: [Section] = []
        for parameter in parameters {
            if parameter.name == name {
                if plain == nil { plain = parameter.value }
            } else if let section = Section(parameter, of: name), sections.count < 1000 {
                sections.append(section)
            }
        }
        if let joined = Section.join(sections) { return joined }
        return plain.map { EncodedWord.decode($0) }
    }

    /// All parameters decoded, sections joined, in the order of their first appearance.
    package static func decodedAll(_ parameters: [MIMEParameter]) -> [(name: String, value: String)] {
        var seen: Set<String> = []
        var output: [(name: String, value: String)] = []
        for parameter in parameters.prefix(1000) {
            let base = String(parameter.name.prefix { $0 != "*" })
            guard seen.insert(base).inserted, let value = decoded(parameters, base) else { continue }
            output.append((base, value))
        }
        return output
    }
}

/// `name*`, `name*0`, `name*1*`: one piece of a value (RFC 2231 §3).
private struct Section {
    var number: Int
    var isEncoded: Bool
    var value: ByteBuffer

    init?(_ parameter: MIMEParameter, of base: String) {
        let name = parameter.name.utf8
        guard name.count > base.utf8.count, parameter.name.hasPrefix(base) else { return nil }
        var rest = name.dropFirst(base.utf8.count)
        guard rest.popFirst() == ASCII.asterisk else { return nil }
        isEncoded = rest.isEmpty || rest.last == ASCII.asterisk
        if rest.last == ASCII.asterisk { rest = rest.dropLast() }
        guard rest.count <= 4, rest.allSatisfy(\.isASCIIDigit) else { return nil }
        number = rest.reduce(0) { $0 * 10 + Int($1 - ASCII.zero) }
        value = parameter.value
    }

    /// The text of the sections 0, 1, 2… as far as they go without a gap.
    static func join(_ sections: [Section]) -> String? {
        let ordered = sections.sorted { $0.number < $1.number }
        guard let first = ordered.first, first.number <= 1 else { return nil }
        var charset: String?
        var bytes: [UInt8] = []
        var expected = first.number
        for section in ordered where section.number == expected {
            expected += 1
            var value = Array(section.value.readableBytesView)
            if section.isEncoded {
                if section.number == first.number { charset = takeCharset(&value) }
                value = percentDecoded(value)
            }
            bytes += value
        }
        // A value without a charset is what the sender's program made of it; some put encoded words there.
        guard let charset, !charset.isEmpty else { return EncodedWord.decode(ByteBuffer(copying: bytes)) }
        return Charset.decode(bytes, label: charset)
    }

    /// Takes `charset'language'` off the front (RFC 2231 §4).
    private static func takeCharset(_ value: inout [UInt8]) -> String? {
        guard let first = value.firstIndex(of: 0x27),
            let second = value[(first + 1)...].firstIndex(of: 0x27)
        else { return nil }
        let charset = String(decoding: value[..<first], as: UTF8.self)
        value.removeFirst(second + 1)
        return charset
    }

    private static func percentDecoded(_ value: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(value.count)
        var index = 0
        while index < value.count {
            if value[index] == ASCII.percent, index + 2 < value.count,
                let high = value[index + 1].hexadecimalValue, let low = value[index + 2].hexadecimalValue
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(value[index])
                index += 1
            }
        }
        return output
    }
}
