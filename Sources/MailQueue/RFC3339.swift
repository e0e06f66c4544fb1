package import MailModel

/// Times as scripts get them: `2026-11-21T07:40:00Z` (RFC 3339 §5.6), in UTC, whole seconds.
package enum RFC3339 {
    package static func text(_ time: Timestamp) -> String {
        let seconds = time.seconds
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        let (year, month, day) = GregorianCalendar.date(ofDay: days)
        return "\(padded(Int64(year), 4))-\(padded(Int64(month)))-\(padded(Int64(day)))T"
            + "\(padded(rest / 3600)):\(padded(rest / 60 % 60)):\(padded(rest % 60))Z"
    }

    private static func padded(_ value: Int64, _ width: Int = 2) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(width - text.count, 0)) + text
    }
}
