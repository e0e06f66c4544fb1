/// Base64 (RFC 4648 §4), strict; for message bodies use MessageFormat's forgiving decoder.
package enum Base64 {
    private static let alphabet: [UInt8] = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of a base64 letter, or 0xFF; indexed by byte.
    package static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { table[Int(letter)] = UInt8(value) }
        return table
    }()

    /// `bytes` in base64 with padding and without line breaks.
    package static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        var group: UInt32 = 0
        var filled = 0
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            filled += 1
            if filled == 3 {
                for shift in [18, 12, 6, 0] as [UInt32] { output.append(alphabet[Int(group >> shift & 63)]) }
                group = 0
                filled = 0
            }
        }
        if filled == 1 {
            output.append(alphabet[Int(group >> 2 & 63)])
            output.append(alphabet[Int(group << 4 & 63)])
            output.append(contentsOf: [ASCII.equals, ASCII.equals])
        } else if filled == 2 {
            output.append(alphabet[Int(group >> 10 & 63)])
            output.append(alphabet[Int(group >> 4 & 63)])
            output.append(alphabet[Int(group << 2 & 63)])
            output.append(ASCII.equals)
        }
        return output
    }

    /// `bytes` in base64, as a String.
    package static func string(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: encode(bytes), as: UTF8.self)
    }

    /// The decoded bytes; nil unless `text` is whole groups of the alphabet with correct padding (RFC 4648 §3.3).
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var filled = 0
        var padding = 0
        for byte in text {
            if byte == ASCII.equals {
                padding += 1
                guard padding <= 2, filled >= 2 else { return nil }
                group <<= 6
            } else {
                let value = values[Int(byte)]
                guard padding == 0, value != 0xFF else { return nil }
                group = group << 6 | UInt32(value)
            }
            filled += 1
            if filled == 4 {
                output.append(UInt8(group >> 16 & 0xFF))
                if padding < 2 { output.append(UInt8(group >> 8 & 0xFF)) }
                if padding < 1 { output.append(UInt8(group & 0xFF)) }
                group = 0
                filled = 0
            }
        }
        return output
    }
}
