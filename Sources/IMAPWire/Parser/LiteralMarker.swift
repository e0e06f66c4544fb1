import Bytes

/// `{n}` at the end of a line, `{n+}` (RFC 7888 §3), or one of them behind `~` (RFC 3516 §4.4).
struct LiteralMarker {
    /// Nil if the number is beyond 64 bits.
    var size: UInt64?
    var isSynchronizing: Bool
    var isBinary: Bool

    /// Nil if `line`, which has no CRLF, does not end in a marker.
    init?(endOf line: [UInt8]) {
        var index = line.count
        func previous() -> UInt8? { index > 0 ? line[index - 1] : nil }
        guard previous() == ASCII.rightBrace else { return nil }
        index -= 1
        isSynchronizing = previous() != ASCII.plus
        if !isSynchronizing { index -= 1 }
        let digitsEnd = index
        while let byte = previous(), byte.isASCIIDigit { index -= 1 }
        let digits = line[index..<digitsEnd]
        guard !digits.isEmpty, previous() == ASCII.leftBrace else { return nil }
        index -= 1
        isBinary = previous() == ASCII.tilde
        var value: UInt64? = 0
        for digit in digits {
            guard let current = value else { break }
            let (product, overflow) = current.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit &- ASCII.zero))
            value = overflow || carry ? nil : sum
        }
        size = value
    }
}
