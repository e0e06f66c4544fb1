import Bytes
package import MailModel
package import NIOCore

/// Dates of headers (RFC 5322 §3.3), with the obsolete forms of §4.3 and what else is found in mail.
package enum InternetDate {
    package static func parse(_ value: ByteBuffer) -> Timestamp? {
        value.withUnsafeReadableBytes { parse($0) }
    }

    package static func parse(_ text: String) -> Timestamp? {
        Array(text.utf8).withUnsafeBytes { parse($0) }
    }

    /// The instant; nil unless day, month and year can be made out and are a date. A missing time is midnight, a missing
    /// or unknown zone is UTC (RFC 5322 §4.3).
    package static func parse(_ bytes: UnsafeRawBufferPointer) -> Timestamp? {
        var scanner = DateScanner(bytes: bytes)
        return scanner.timestamp()
    }

    /// `Tue, 1 Jul 2003 10:52:37 +0200`, as `offsetMinutes` east of UTC sees it (RFC 5322 §3.3).
    package static func format(_ time: Timestamp, offsetMinutes: Int = 0) -> String {
        let local = time.seconds &+ Int64(offsetMinutes) * 60
        let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let second = Int(local - day * 86_400)
        let date = GregorianCalendar.date(ofDay: day)
        let weekday = Int(((day % 7) + 11) % 7)
        let zone = abs(offsetMinutes)
        return "\(weekdays[weekday]), \(date.day) \(months[date.month - 1]) \(padded(date.year, 4)) "
            + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2)) "
            + "\(offsetMinutes < 0 ? "-" : "+")\(padded(zone / 60, 2))\(padded(zone % 60, 2))"
    }

    static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// Takes a date apart by the look of its words, since their order is not to be relied upon.
private struct DateScanner {
    let bytes: UnsafeRawBufferPointer
    var position = 0
    var year: Int?
    var month: Int?
    var day: Int?
    var seconds: Int?
    /// Minutes east of UTC.
    var zone: Int?

    mutating func timestamp() -> Timestamp? {
        while position < bytes.count, position < 512 {
            let byte = bytes[position]
            if byte.isASCIIDigit {
                number()
            } else if byte.isASCIILetter {
                word()
            } else if byte == ASCII.leftParenthesis {
                position = Comment.end(bytes, position, bytes.count)
            } else if byte == ASCII.plus || byte == ASCII.hyphen {
                sign()
            } else {
                position += 1
            }
        }
        guard let year, let month, let day, (1...9999).contains(year), (1...12).contains(month) else { return nil }
        let start = GregorianCalendar.day(year: year, month: month, day: 1)
        let next =
            month == 12
            ? GregorianCalendar.day(year: year + 1, month: 1, day: 1)
            : GregorianCalendar.day(year: year, month: month + 1, day: 1)
        guard day >= 1, Int64(day) <= next - start else { return nil }
        let utc = (start + Int64(day) - 1) * 86_400 + Int64(seconds ?? 0) - Int64(zone ?? 0) * 60
        return Timestamp(seconds: utc)
    }

    private mutating func digits() -> (value: Int, count: Int) {
        var value = 0
        let start = position
        while position < bytes.count, bytes[position].isASCIIDigit {
            if value < 100_000_000 { value = value * 10 + Int(bytes[position] - ASCII.zero) }
            position += 1
        }
        return (value, position - start)
    }

    /// The next digits behind a colon, if that is what follows.
    private mutating func colonDigits() -> Int? {
        var index = skipped(position)
        guard index < bytes.count, bytes[index] == ASCII.colon else { return nil }
        index = skipped(index + 1)
        guard index < bytes.count, bytes[index].isASCIIDigit else { return nil }
        position = index
        return digits().value
    }

    /// One past the blanks and comments at `start`: the obsolete time has them everywhere.
    private func skipped(_ start: Int) -> Int {
        var index = start
        while index < bytes.count {
            if bytes[index].isFoldingSpace {
                index += 1
            } else if bytes[index] == ASCII.leftParenthesis {
                index = Comment.end(bytes, index, bytes.count)
            } else {
                break
            }
        }
        return index
    }

    private mutating func number() {
        let (value, count) = digits()
        if seconds == nil, count <= 2, value < 24, let minute = colonDigits() {
            guard minute < 60 else { return }
            var second = colonDigits() ?? 0
            // RFC 5322 §3.3 allows a leap second; it ends where the next minute begins.
            if second > 60 { second = 59 }
            seconds = value * 3600 + minute * 60 + second
            if position < bytes.count, bytes[position] == ASCII.dot {
                position += 1
                _ = digits()
            }
        } else if day == nil, count <= 2, (1...31).contains(value), !(month == nil && year != nil) {
            day = value
        } else if month == nil, year != nil, count <= 2 {
            // 2003-07-01.
            month = value
        } else if year == nil {
            // RFC 5322 §4.3: two and three digits.
            switch count {
            case 2: year = value < 50 ? 2000 + value : 1900 + value
            case 3: year = 1900 + value
            case 4...: year = value
            default: break
            }
        } else if zone == nil, count == 4, seconds != nil {
            zone = value / 100 * 60 + value % 100
        }
    }

    private mutating func sign() {
        let isWest = bytes[position] == ASCII.hyphen
        position += 1
        guard seconds != nil, zone == nil, position < bytes.count, bytes[position].isASCIIDigit else { return }
        let (value, count) = digits()
        let minutes: Int
        switch count {
        case 1, 2: minutes = value * 60 + min(59, colonDigits() ?? 0)
        case 3, 4: minutes = value / 100 * 60 + value % 100
        default: return
        }
        // asctime's year may follow; a zone of more than a day is none.
        guard minutes <= 100 * 60 else { return }
        zone = isWest ? -minutes : minutes
    }

    private mutating func word() {
        let start = position
        while position < bytes.count, bytes[position].isASCIILetter { position += 1 }
        let length = position - start
        if length >= 3, month == nil || seconds == nil, let found = Self.month(bytes, start) {
            month = found
            return
        }
        guard seconds != nil, zone == nil else { return }
        switch String(decoding: bytes[start..<position], as: UTF8.self).lowercased() {
        case "edt": zone = -240
        case "est", "cdt": zone = -300
        case "cst", "mdt": zone = -360
        case "mst", "pdt": zone = -420
        case "pst": zone = -480
        case "gmt", "ut", "utc", "z": zone = 0
        case "pm":
            if let time = seconds, time < 43_200 { seconds = time + 43_200 }
        case "am":
            if let time = seconds, time >= 43_200 { seconds = time - 43_200 }
        // RFC 5322 §4.3: other letters say nothing reliable, hence -0000.
        default: break
        }
    }

    /// The number of the month whose name begins with the three letters at `start`.
    private static func month(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        switch (bytes[start] | 0x20, bytes[start + 1] | 0x20, bytes[start + 2] | 0x20) {
        case (0x6A, 0x61, 0x6E): 1
        case (0x66, 0x65, 0x62): 2
        case (0x6D, 0x61, 0x72): 3
        case (0x61, 0x70, 0x72): 4
        case (0x6D, 0x61, 0x79): 5
        case (0x6A, 0x75, 0x6E): 6
        case (0x6A, 0x75, 0x6C): 7
        case (0x61, 0x75, 0x67): 8
        case (0x73, 0x65, 0x70): 9
        case (0x6F, 0x63, 0x74): 10
        case (0x6E, 0x6F, 0x76): 11
        case (0x64, 0x65, 0x63): 12
        default: nil
        }
    }
}
