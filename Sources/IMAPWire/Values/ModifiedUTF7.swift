import Bytes

/// The mailbox name encoding of IMAP4rev1 (RFC 3501 §5.1.3): printable ASCII stands for itself, `&` is written `&-`,
/// everything else is UTF-16 in a base64 with `,` for `/` and no padding, between `&` and `-`.
package enum ModifiedUTF7 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".utf8)

    /// `text` encoded.
    package static func encode(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        var shifted: [UInt16] = []
        func flush() {
            guard !shifted.isEmpty else { return }
            output.append(0x26)
            var group: UInt32 = 0
            var bits: UInt32 = 0
            for unit in shifted {
                group = group << 16 | UInt32(unit)
                bits += 16
                while bits >= 6 {
                    bits -= 6
                    output.append(alphabet[Int(group >> bits & 63)])
                }
                group &= (1 << bits) - 1
            }
            if bits > 0 { output.append(alphabet[Int(group << (6 - bits) & 63)]) }
            output.append(0x2D)
            shifted.removeAll(keepingCapacity: true)
        }
        for unit in text.utf16 {
            if unit >= 0x20, unit < 0x7F {
                flush()
                output.append(UInt8(unit))
                if unit == 0x26 { output.append(0x2D) }
            } else {
                shifted.append(unit)
            }
        }
        flush()
        return output
    }

    /// The text meant by `bytes`, or nil if they are not modified UTF-7. Bytes above 127 are taken as plain UTF-8, which
    /// IMAP4rev2 clients send (RFC 9051 §5.1); a name then has no shifted parts.
    package static func decode(_ bytes: some Collection<UInt8>) -> String? {
        if bytes.contains(where: { $0 >= 0x80 }) { return String(validating: bytes, as: UTF8.self) }
        guard bytes.contains(0x26) else { return String(decoding: bytes, as: UTF8.self) }
        var units: [UInt16] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            bytes.formIndex(after: &index)
            guard byte == 0x26 else {
                units.append(UInt16(byte))
                continue
            }
            var group: UInt32 = 0
            var bits = 0
            var length = 0
            var closed = false
            while index < bytes.endIndex {
                let letter = bytes[index]
                bytes.formIndex(after: &index)
                if letter == 0x2D {
                    closed = true
                    break
                }
                // `,` stands for `/`, which itself is no letter of this alphabet.
                let value = letter == 0x2F ? 0xFF : Base64.values[Int(letter == 0x2C ? 0x2F : letter)]
                guard value != 0xFF else { return nil }
                length += 1
                group = group << 6 | UInt32(value)
                bits += 6
                if bits >= 16 {
                    bits -= 16
                    units.append(UInt16(truncatingIfNeeded: group >> UInt32(bits)))
                    group &= (1 << UInt32(bits)) - 1
                }
            }
            // RFC 3501 §5.1.3: the shift ends with `-`, the bits left over are zero.
            guard closed, bits < 6, group == 0 else { return nil }
            if length == 0 { units.append(0x26) }
        }
        return String(validating: units, as: UTF16.self)
    }
}
