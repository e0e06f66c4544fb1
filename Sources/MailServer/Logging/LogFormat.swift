import Logging

/// The two forms of a line, each ending in a line feed, and the only one in it.
enum LogFormat {
    /// `2026-11-21T08:12:33.123Z INFO     imap       login  connection=x-1 account=alice@example.test`
    ///
    /// - Parameter isJournal: the journal notes the time itself and takes the level as `<6>` (sd-daemon(3)).
    static func text(_ line: LogLine, isJournal: Bool = false) -> String {
        let level = line.level.rawValue.uppercased()
        var text = isJournal ? "<\(priority(line.level))>" : "\(line.time) \(pad(level, 8)) \(pad(line.label, 10)) "
        if isJournal { text += "\(line.label): " }
        text += escaped(line.message, quotes: false)
        for (index, field) in line.fields.enumerated() {
            text += "\(index == 0 ? "  " : " ")\(escaped(field.name, quotes: false))=\(quoted(field.value))"
        }
        return text + "\n"
    }

    /// `{"time":…,"level":…,"logger":…,"text":…,…}`, then the metadata; `message` is thus free for a message's id. A metadata
    /// name that is taken already gets an underscore before it.
    static func json(_ line: LogLine) -> String {
        var text = "{\"time\":\"\(line.time)\",\"level\":\"\(line.level.rawValue)\""
        text +=
            ",\"logger\":\"\(escaped(line.label, quotes: true))\",\"text\":\"\(escaped(line.message, quotes: true))\""
        for (name, value) in line.fields {
            let name = ["time", "level", "logger", "text"].contains(name) ? "_\(name)" : name
            text += ",\"\(escaped(name, quotes: true))\":\"\(escaped(value, quotes: true))\""
        }
        return text + "}\n"
    }

    /// syslog(3)'s numbers.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }

    private static func quoted(_ value: String) -> String {
        let isPlain =
            !value.isEmpty
            && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
        return isPlain ? value : "\"\(escaped(value, quotes: true))\""
    }

    /// Control characters as JSON escapes them (RFC 8259 §7), so that a peer's text can neither forge a line nor move a cursor.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: result += "\\n"
            case 0x0D: result += "\\r"
            case 0x09: result += "\\t"
            case 0x22 where quotes: result += "\\\""
            case 0x5C where quotes: result += "\\\\"
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
