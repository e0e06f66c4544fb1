import Bytes

extension Cursor {
    /// `date`: `1-Feb-1994`, quoted or not (RFC 9051 §9).
    mutating func date() throws(SyntaxError) -> CalendarDate {
        let isQuoted = take(ASCII.doubleQuote)
        let date = try dayMonthYear()
        if isQuoted { try require(ASCII.doubleQuote, else: .invalidDate) }
        return date
    }

    /// `date-time`: `"17-Jul-1996 02:44:25 -0700"` (RFC 9051 §9).
    mutating func dateTime() throws(SyntaxError) -> DateTime {
        try require(ASCII.doubleQuote, else: .invalidDate)
        _ = take(ASCII.space)
        let date = try dayMonthYear()
        try require(ASCII.space, else: .invalidDate)
        let hour = try digits(2)
        try require(ASCII.colon, else: .invalidDate)
        let minute = try digits(2)
        try require(ASCII.colon, else: .invalidDate)
        let second = try digits(2)
        try require(ASCII.space, else: .invalidDate)
        let isWest = take(ASCII.hyphen)
        if !isWest { try require(ASCII.plus, else: .invalidDate) }
        let zone = try digits(4)
        try require(ASCII.doubleQuote, else: .invalidDate)
        guard hour < 24, minute < 60, second <= 60, zone % 100 < 60 else { throw .invalidDate }
        let zoneMinutes = (zone / 100 * 60 + zone % 100) * (isWest ? -1 : 1)
        return DateTime(date, hour: hour, minute: minute, second: second, zoneMinutes: zoneMinutes)
    }

    private mutating func dayMonthYear() throws(SyntaxError) -> CalendarDate {
        let dayDigits = run(\.isASCIIDigit)
        guard (1...2).contains(dayDigits.count) else { throw .invalidDate }
        let day = dayDigits.reduce(0) { $0 * 10 + Int($1 &- ASCII.zero) }
        try require(ASCII.hyphen, else: .invalidDate)
        let name = run(\.isASCIILetter).map(\.asciiLowercased)
        let month = CalendarDate.monthNames.firstIndex { month in
            month.withUTF8Buffer { $0.elementsEqual(name) { $0.asciiLowercased == $1 } }
        }
        try require(ASCII.hyphen, else: .invalidDate)
        let year = try digits(4)
        guard let month, let date = CalendarDate(year: year, month: month + 1, day: day) else { throw .invalidDate }
        return date
    }

    private mutating func digits(_ count: Int) throws(SyntaxError) -> Int {
        let run = run(\.isASCIIDigit)
        guard run.count == count else { throw .invalidDate }
        return run.reduce(0) { $0 * 10 + Int($1 &- ASCII.zero) }
    }
}
