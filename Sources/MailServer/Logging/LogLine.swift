import Logging

/// One line of the log before it is written: bounded, and without anything that could forge a second line.
struct LogLine: Sendable {
    /// Bytes; longer texts are cut and end in “…”.
    static let messageLimit = 4096
    static let valueLimit = 1024
    static let fieldLimit = 32

    let level: Logger.Level
    let time: LogTime
    let label: String
    let message: String
    /// Connection and message first, since one searches for these; the rest by name.
    let fields: [(name: String, value: String)]

    init(level: Logger.Level, time: LogTime, label: String, message: String, metadata: Logger.Metadata) {
        self.level = level
        self.time = time
        self.label = label
        self.message = Self.bounded(message, Self.messageLimit)
        fields = metadata.sorted { (Self.rank($0.key), $0.key) < (Self.rank($1.key), $1.key) }
            .prefix(Self.fieldLimit).map {
                ($0.key, SecretNames.contain($0.key) ? "(hidden)" : Self.bounded("\($0.value)", Self.valueLimit))
            }
    }

    private static func rank(_ name: String) -> Int {
        switch name {
        case "connection": 0
        case "message", "delivery": 1
        default: 2
        }
    }

    private static func bounded(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        // Cutting may halve a character, which decoding then repairs.
        return String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
    }
}
