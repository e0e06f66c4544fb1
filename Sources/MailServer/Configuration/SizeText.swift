/// Sizes as people write them: bytes, `50MB` (powers of 1000), `64MiB` (powers of 1024).
enum SizeText {
    private static let units: [(name: String, bytes: Int64)] = [
        ("b", 1), ("kb", 1000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000),
        ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40),
    ]

    /// Nil if `text` is no size; case and one space before the unit do not matter.
    static func parse(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        var name = text.dropFirst(digits.count).lowercased()
        if name.first == " " { name.removeFirst() }
        guard let number = Int64(digits), let unit = name.isEmpty ? units[0] : units.first(where: { $0.name == name })
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        return overflow ? nil : bytes
    }

    /// In the largest unit that divides it, powers of 1000 first.
    static func render(_ bytes: Int64) -> String {
        guard bytes > 0 else { return "0" }
        for (name, unit) in [
            ("GB", Int64(1_000_000_000)), ("MB", 1_000_000), ("MiB", 1 << 20), ("kB", 1000), ("KiB", 1 << 10),
        ]
        where bytes % unit == 0 {
            return "\(bytes / unit)\(name)"
        }
        return String(bytes)
    }
}
