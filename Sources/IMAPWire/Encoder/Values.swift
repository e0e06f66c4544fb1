import Bytes
package import MailModel
package import NIOCore

extension ByteBuffer {
    /// `(\Seen $Junk …)`; \Recent first if `isRecent` (RFC 3501 §2.3.2).
    package mutating func writeIMAPFlags(
        _ system: SystemFlags, _ keywords: some Sequence<Keyword>, isRecent: Bool = false
    ) {
        writeInteger(ASCII.leftParenthesis)
        var separate = false
        func space(_ buffer: inout ByteBuffer) {
            if separate { buffer.writeInteger(ASCII.space) }
            separate = true
        }
        if isRecent {
            space(&self)
            writeStaticString("\\Recent")
        }
        if system.contains(.answered) {
            space(&self)
            writeStaticString("\\Answered")
        }
        if system.contains(.flagged) {
            space(&self)
            writeStaticString("\\Flagged")
        }
        if system.contains(.deleted) {
            space(&self)
            writeStaticString("\\Deleted")
        }
        if system.contains(.seen) {
            space(&self)
            writeStaticString("\\Seen")
        }
        if system.contains(.draft) {
            space(&self)
            writeStaticString("\\Draft")
        }
        for keyword in keywords {
            space(&self)
            writeString(keyword.name)
        }
        writeInteger(ASCII.rightParenthesis)
    }

    package mutating func writeIMAPNumbers(_ numbers: NumberSet) {
        var first = true
        for range in numbers.ranges {
            if !first { writeInteger(UInt8(ascii: ",")) }
            first = false
            writeDecimal(range.lowerBound)
            if range.count > 1 {
                writeInteger(ASCII.colon)
                writeDecimal(range.upperBound)
            }
        }
    }

    /// `"17-Jul-1996 02:44:25 -0700"`, with the quotes (RFC 9051 §9 "date-time").
    package mutating func writeIMAPDateTime(_ dateTime: DateTime) {
        let local = dateTime.timestamp.seconds.addingReportingOverflow(Int64(dateTime.zoneMinutes) * 60).partialValue
        let (days, rest) = Self.floorDivide(local, by: 86_400)
        let date = CalendarDate(dayNumber: Int(clamping: days))
        writeInteger(ASCII.doubleQuote)
        // date-day-fixed: a space or a digit, and a digit.
        writeInteger(date.day < 10 ? ASCII.space : ASCII.zero + UInt8(date.day / 10))
        writeInteger(ASCII.zero + UInt8(date.day % 10))
        writeInteger(ASCII.hyphen)
        writeStaticString(CalendarDate.monthNames[date.month - 1])
        writeInteger(ASCII.hyphen)
        writeTwoDigits(date.year / 100)
        writeTwoDigits(date.year % 100)
        writeInteger(ASCII.space)
        writeTwoDigits(Int(rest / 3600))
        writeInteger(ASCII.colon)
        writeTwoDigits(Int(rest / 60 % 60))
        writeInteger(ASCII.colon)
        writeTwoDigits(Int(rest % 60))
        writeInteger(ASCII.space)
        writeInteger(dateTime.zoneMinutes < 0 ? ASCII.hyphen : ASCII.plus)
        let zone = min(abs(dateTime.zoneMinutes), 5999)
        writeTwoDigits(zone / 60)
        writeTwoDigits(zone % 60)
        writeInteger(ASCII.doubleQuote)
    }

    private mutating func writeTwoDigits(_ value: Int) {
        writeInteger(ASCII.zero + UInt8(truncatingIfNeeded: value / 10 % 10))
        writeInteger(ASCII.zero + UInt8(truncatingIfNeeded: value % 10))
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
