import Bytes
import NIOCore

/// Digits sent by a peer.
enum DecimalNumber {
    /// The value; a number beyond 64 bits is the largest, since all it can mean is "too large". Nil unless all bytes are
    /// digits.
    static func parse(_ digits: ByteBuffer) -> UInt64? {
        guard digits.readableBytes > 0 else { return nil }
        var value: UInt64 = 0
        for byte in digits.readableBytesView {
            guard byte.isASCIIDigit else { return nil }
            let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(UInt64(byte &- ASCII.zero))
            value = tooLarge || overflow || value == .max ? .max : sum
        }
        return value
    }
}
