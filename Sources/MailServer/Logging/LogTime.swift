import Accounts
import MailModel

/// A moment in UTC to the millisecond, in RFC 3339 form.
struct LogTime: Hashable, Sendable, CustomStringConvertible {
    let millisecondsSinceEpoch: Int64

    static var now: LogTime {
        LogTime(millisecondsSinceEpoch: SystemClock.now().rawValue / 1000)
    }

    var description: String {
        let days = Self.floorDivide(millisecondsSinceEpoch, 86_400_000)
        let rest = millisecondsSinceEpoch - days * 86_400_000
        let (year, month, day) = GregorianCalendar.date(ofDay: days)
        let (seconds, milliseconds) = (rest / 1000, rest % 1000)
        return "\(Self.pad(Int64(year), 4))-\(Self.pad(Int64(month), 2))-\(Self.pad(Int64(day), 2))T"
            + "\(Self.pad(seconds / 3600, 2)):\(Self.pad(seconds / 60 % 60, 2)):\(Self.pad(seconds % 60, 2)).\(Self.pad(milliseconds, 3))Z"
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        number >= 0 ? number / divisor : (number + 1) / divisor - 1
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(width - text.count, 0)) + text
    }
}
