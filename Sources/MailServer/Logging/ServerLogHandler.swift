import Logging

/// Renders what is logged and hands it on, a line at a time.
struct ServerLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let render: @Sendable (LogLine) -> String
    private let write: @Sendable (String) -> Void
    private let now: @Sendable () -> LogTime

    init(
        label: String, level: Logger.Level, render: @escaping @Sendable (LogLine) -> String,
        write: @escaping @Sendable (String) -> Void, now: @escaping @Sendable () -> LogTime = { LogTime.now }
    ) {
        self.label = label
        logLevel = level
        self.render = render
        self.write = write
        self.now = now
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error { fields["error"] = "\(error)" }
        write(
            render(
                LogLine(level: event.level, time: now(), label: label, message: "\(event.message)", metadata: fields)))
    }
}
