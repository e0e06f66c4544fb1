import CUnistring

/// The part of an address before the `@`: quoting, NFC and case.
package enum LocalPart {
    /// The local part without quotes and in NFC; nil if it is neither dot-string nor quoted string (RFC 5321 §4.1.2,
    /// extended to UTF-8 by RFC 6531 §3.3).
    package static func normalise(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= 130 else { return nil }
        var plain: [UInt8] = []
        if bytes[0] == 0x22 {
            guard bytes.count >= 2, bytes[bytes.count - 1] == 0x22 else { return nil }
            var index = 1
            while index < bytes.count - 1 {
                let isEscaped = bytes[index] == 0x5C
                if isEscaped { index += 1 }
                guard index < bytes.count - 1, bytes[index] >= 0x20, bytes[index] != 0x7F else { return nil }
                guard bytes[index] != 0x22 || isEscaped else { return nil }
                plain.append(bytes[index])
                index += 1
            }
        } else {
            guard bytes[0] != 0x2E, bytes[bytes.count - 1] != 0x2E else { return nil }
            for (index, byte) in bytes.enumerated() {
                guard isAtomText(byte) || (byte == 0x2E && bytes[index - 1] != 0x2E) else { return nil }
            }
            plain = bytes
        }
        guard !plain.isEmpty, let text = String(validating: plain, as: UTF8.self) else { return nil }
        return composed(text)
    }

    /// Without case, for comparison.
    package static func folded(_ text: String) -> String {
        text.utf8.allSatisfy { $0 < 0x80 } ? text.lowercased() : composed(text.lowercased())
    }

    /// With quotes and backslashes where SMTP needs them.
    package static func quoted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        // By bytes: a combining mark behind the second dot makes one character of the two.
        let hasEmptyAtom = zip(bytes, bytes.dropFirst()).contains { $0 == 0x2E && $1 == 0x2E }
        let dotString = bytes.first != 0x2E && bytes.last != 0x2E && !hasEmptyAtom
        if dotString, bytes.allSatisfy({ isAtomText($0) || $0 == 0x2E }) { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// atext of RFC 5322 §3.2.3, with UTF-8 as RFC 6532 §3.2 adds it.
    package static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2F, 0x3D, 0x3F, 0x5E...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    /// `text` in Unicode's normalisation form C.
    package static func composed(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x80 }) else { return text }
        let bytes = Array(text.utf8)
        var length = 0
        guard let result = unistring_composed(bytes, bytes.count, &length) else { return text }
        defer { free(result) }
        return String(decoding: UnsafeBufferPointer(start: result, count: length), as: UTF8.self)
    }
}
