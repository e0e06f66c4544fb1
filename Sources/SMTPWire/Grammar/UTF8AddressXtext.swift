import Bytes

/// The text of an ORCPT address of type utf-8 (RFC 6533 §3): UTF-8 with `\x{HEX}` for what may not stand for itself.
package enum UTF8AddressXtext {
    /// The address in UTF-8, from any of the three forms; nil if it is none of them.
    package static func decode(_ text: some Collection<UInt8>) -> String? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var bytes = text.makeIterator()
        while let byte = bytes.next() {
            if byte == ASCII.backslash {
                guard bytes.next() == 0x78, bytes.next() == ASCII.leftBrace else { return nil }
                var value: UInt32 = 0
                var digits = 0
                while let digit = bytes.next(), digit != ASCII.rightBrace {
                    guard let nibble = digit.hexadecimalValue, digits < 6 else { return nil }
                    value = value << 4 | UInt32(nibble)
                    digits += 1
                }
                // RFC 6533 §3: HEXPOINT has two to six digits, and no surrogates.
                guard digits >= 2, let scalar = Unicode.Scalar(value) else { return nil }
                output.append(contentsOf: String(scalar).utf8)
            } else {
                guard byte > 0x20, byte != 0x7F, byte != ASCII.plus, byte != ASCII.equals else { return nil }
                output.append(byte)
            }
        }
        return String(validating: output, as: UTF8.self)
    }

    /// `address` in ASCII only: the form utf-8-addr-xtext.
    package static func encode(_ address: String) -> String {
        var output = ""
        for scalar in address.unicodeScalars {
            switch scalar.value {
            case 0x5C, 0x2B, 0x3D, 0...0x20, 0x7F...:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                output += "\\x{" + (digits.count < 2 ? "0" + digits : digits) + "}"
            default:
                output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
