/// Days and dates of the Gregorian calendar, extended to all years; for the formats that write and read dates.
package enum GregorianCalendar {
    /// Days from 0000-03-01, where eras of 400 years = 146,097 days begin, to 1970-01-01. Years are counted from March, so that
    /// the leap day is the last.
    private static let epoch: Int64 = 719_468

    /// The date that is `days` days after 1970-01-01.
    package static func date(ofDay days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + epoch
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let index = (5 * dayOfYear + 2) / 153
        let month = index < 10 ? index + 3 : index - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(dayOfYear - (153 * index + 2) / 5 + 1))
    }

    /// Days from 1970-01-01 to a date, negative before.
    package static func day(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return Int64(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear) - epoch
    }
}
