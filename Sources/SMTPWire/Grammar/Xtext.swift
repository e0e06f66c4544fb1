import Bytes
import NIOCore

/// xtext (RFC 3461 §4): printable ASCII in which `+`, `=` and all else are written as `+HH`.
package enum Xtext {
    /// The decoded bytes; nil if `text` is not xtext.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var bytes = text.makeIterator()
        while let byte = bytes.next() {
            if byte == ASCII.plus {
                // RFC 3461 §4: hexchar is "+" and two upper-case hexadecimal digits; lower case is tolerated.
                guard let high = bytes.next()?.hexadecimalValue, let low = bytes.next()?.hexadecimalValue else {
                    return nil
                }
                output.append(high << 4 | low)
            } else {
                guard isPlain(byte) else { return nil }
                output.append(byte)
            }
        }
        return output
    }

    /// `bytes` as xtext.
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits: [Character] = Array("0123456789ABCDEF")
        var output = ""
        for byte in bytes {
            if isPlain(byte) {
                output.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                output.append("+")
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            }
        }
        return output
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x21 && byte <= 0x7E && byte != ASCII.plus && byte != ASCII.equals
    }
}
