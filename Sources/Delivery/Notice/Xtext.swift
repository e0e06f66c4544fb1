import Bytes

/// Takes the coding off ENVID and ORCPT, which are kept as received (RFC 3461 §4).
enum Xtext {
    /// Nil if a `+` is not followed by two hexadecimal digits, or the result is no UTF-8.
    static func decode(_ text: String) -> String? {
        var plain: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            guard byte == ASCII.plus else {
                plain.append(byte)
                continue
            }
            guard let high = bytes.popFirst()?.hexadecimalValue, let low = bytes.popFirst()?.hexadecimalValue else {
                return nil
            }
            plain.append(high << 4 | low)
        }
        return String(validating: plain, as: UTF8.self)
    }
}
