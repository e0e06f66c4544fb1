import MailModel
import Synchronization

/// Makes delivery ids: 48 bits of milliseconds and 80 random bits in Crockford's base 32. Sorted as text they are in
/// order of time; within one millisecond, or if the clock steps back, the random part counts up instead.
final class DeliveryIdentifiers: Sendable {
    private struct Last {
        var milliseconds: UInt64 = 0
        var high: UInt16 = 0
        var low: UInt64 = 0
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private let last = Mutex(Last())

    func next(at time: Timestamp) -> DeliveryID {
        let milliseconds = UInt64(clamping: time.rawValue / 1000) & 0xFFFF_FFFF_FFFF
        let value = last.withLock { last in
            if milliseconds > last.milliseconds {
                // The top bit stays clear, so that counting up cannot overflow within a millisecond.
                last = Last(milliseconds: milliseconds, high: .random(in: 0...0x7FFF), low: .random(in: 0...UInt64.max))
            } else {
                let (sum, overflow) = last.low.addingReportingOverflow(.random(in: 1...0xFFFF_FFFF))
                last.low = sum
                if overflow { last.high &+= 1 }
            }
            return last
        }
        return DeliveryID(Self.text(value.milliseconds << 16 | UInt64(value.high), value.low))
    }

    /// 128 bits as 26 digits; the first holds three.
    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        var digits = [UInt8](repeating: 0, count: 26)
        var (high, low) = (high, low)
        for index in digits.indices.reversed() {
            digits[index] = alphabet[Int(low & 31)]
            low = low >> 5 | high << 59
            high >>= 5
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
