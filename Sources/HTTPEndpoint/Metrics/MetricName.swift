enum MetricKind: String, Sendable {
    case counter, gauge, histogram
    /// Durations, told in seconds.
    case timer

    /// As `# TYPE` says it.
    var typeName: String { self == .timer ? "histogram" : rawValue }
}

/// Names as Prometheus wants them.
enum MetricName {
    /// Letters, digits and underscores; anything else becomes an underscore.
    static func sanitised(_ label: String) -> String {
        var bytes = label.utf8.map { isNameByte($0) ? $0 : UInt8(ascii: "_") }
        if bytes.isEmpty { bytes = [UInt8(ascii: "_")] }
        if let first = bytes.first, isDigit(first) { bytes.insert(UInt8(ascii: "_"), at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// With the prefix, and the suffix that tells the unit.
    static func full(prefix: String, label: String, kind: MetricKind) -> String {
        let name = "\(prefix)_\(sanitised(label))"
        let suffix =
            switch kind {
            case .counter: "_total"
            case .timer: "_seconds"
            case .gauge, .histogram: ""
            }
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower)
    }
}

/// The labels of one series, sorted by name, ready to be written.
struct SeriesLabels: Hashable, Comparable, Sendable {
    /// `a="1",b="2"`, escaped; empty for none.
    let text: String

    /// Values are cut at 200 characters; of a name given twice the first counts.
    init(_ labels: [(String, String)]) {
        var names: Set<String> = []
        text = labels.map { (MetricName.sanitised($0.0), $0.1) }.filter { names.insert($0.0).inserted }
            .sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\"\(Self.escaped($0.1.prefix(200)))\"" }.joined(separator: ",")
    }

    static func < (left: SeriesLabels, right: SeriesLabels) -> Bool { left.text < right.text }

    private static func escaped(_ value: Substring) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
