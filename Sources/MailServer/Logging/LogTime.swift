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
        let (year, month, day) = Self.civil(fromDays: days)
        let (seconds, milliseconds) = (rest / 1000, rest % 1000)
        return "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(day, 2))T"
            + "\(Self.pad(seconds / 3600, 2)):\(Self.pad(seconds / 60 % 60, 2)):\(Self.pad(seconds % 60, 2)).\(Self.pad(milliseconds, 3))Z"
    }

    /// The Gregorian date of a day counted from 1970-01-01, by years that begin in March, so that the leap day comes last.
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468  // Days from 0000-03-01.
        let era = floorDivide(shifted, 146_097)  // 400 years.
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        number >= 0 ? number / divisor : (number + 1) / divisor - 1
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(width - text.count, 0)) + text
    }
}
