/// One metric in the text exposition format.
struct Exposition {
    private let name: String
    private(set) var text: String

    init(name: String, kind: MetricKind, help: String?) {
        self.name = name
        text = ""
        if let help {
            let line = help.split(separator: "\n").joined(separator: " ").replacing("\\", with: "\\\\")
            text += "# HELP \(name) \(line)\n"
        }
        text += "# TYPE \(name) \(kind.typeName)\n"
    }

    /// - Parameters:
    ///   - suffix: `_bucket`, `_sum`, `_count` of a histogram.
    ///   - bound: the upper bound of a bucket.
    mutating func sample(suffix: String = "", labels: SeriesLabels, bound: Double? = nil, value: Double) {
        var list = labels.text
        if let bound { list += "\(list.isEmpty ? "" : ",")le=\"\(Self.number(bound))\"" }
        text += "\(name)\(suffix)\(list.isEmpty ? "" : "{\(list)}") \(Self.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { String($0) } ?? String(value)
    }
}
