package import MailModel

/// A day of the Gregorian calendar, in no particular zone.
package struct CalendarDate: Hashable, Comparable, Sendable {
    /// 0 to 9999.
    package let year: Int
    /// 1 to 12.
    package let month: Int
    /// 1 to 31.
    package let day: Int

    /// Nil if there is no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that is `dayNumber` days after 1970-01-01; clipped to the years 0 to 9999.
    package init(dayNumber: Int) {
        let clipped = Swift.min(Swift.max(dayNumber, -719_528), 2_932_896)
        (year, month, day) = GregorianCalendar.date(ofDay: Int64(clipped))
    }

    /// Days since 1970-01-01, negative before.
    package var dayNumber: Int { Int(GregorianCalendar.day(year: year, month: month, day: day)) }

    package static func < (left: Self, right: Self) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    package static let monthNames: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// A date-time of the wire (RFC 9051 §9 "date-time"): a point in time and the zone it was written in.
package struct DateTime: Hashable, Sendable {
    package let timestamp: Timestamp
    /// East of Greenwich, in minutes.
    package let zoneMinutes: Int

    package init(_ timestamp: Timestamp, zoneMinutes: Int = 0) {
        self.timestamp = timestamp
        self.zoneMinutes = zoneMinutes
    }

    /// The local time `hour:minute:second` of `date` in the zone.
    package init(_ date: CalendarDate, hour: Int, minute: Int, second: Int, zoneMinutes: Int) {
        let seconds = date.dayNumber * 86_400 + hour * 3600 + (minute - zoneMinutes) * 60 + second
        self.init(Timestamp(seconds: Int64(seconds)), zoneMinutes: zoneMinutes)
    }
}
