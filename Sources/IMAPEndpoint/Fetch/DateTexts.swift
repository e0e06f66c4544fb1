import IMAPWire

/// Writes INTERNALDATE (RFC 9051 §9 "date-time"), in UTC. Neighbouring messages often share the day, so its text is kept.
struct DateTexts {
    private var day = Int.min
    /// `17-Jul-1996 `, with a leading space for days below 10.
    private var text = ShortText("")

    /// Length of `"17-Jul-1996 02:44:25 +0000"` with its quotes.
    static let length = 28

    @inline(__always)
    mutating func write(_ seconds: Int64, _ writer: inout RowWriter) {
        // Years outside 0…9999 have no spelling; they are shown as the nearest that has one.
        let seconds = min(max(seconds, -62_167_219_200), 253_402_300_799)
        var (day, rest) = Int(seconds).quotientAndRemainder(dividingBy: 86_400)
        if rest < 0 {
            day -= 1
            rest += 86_400
        }
        if day != self.day { prepare(day) }
        writer.write(UInt8(ascii: "\""))
        writer.write(text)
        writer.writeTwoDigits(rest / 3600)
        writer.write(UInt8(ascii: ":"))
        writer.writeTwoDigits(rest / 60 % 60)
        writer.write(UInt8(ascii: ":"))
        writer.writeTwoDigits(rest % 60)
        writer.write(Self.zone)
    }

    private static let zone = ShortText(" +0000\"")

    private mutating func prepare(_ day: Int) {
        let date = CalendarDate(dayNumber: day)
        var bytes: [UInt8] = []
        bytes.append(date.day < 10 ? 0x20 : 0x30 + UInt8(date.day / 10))
        bytes.append(0x30 + UInt8(date.day % 10))
        bytes.append(UInt8(ascii: "-"))
        CalendarDate.monthNames[date.month - 1].withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "-"))
        for divisor in [1000, 100, 10, 1] { bytes.append(0x30 + UInt8(date.year / divisor % 10)) }
        bytes.append(0x20)
        text = ShortText(bytes)
        self.day = day
    }
}
