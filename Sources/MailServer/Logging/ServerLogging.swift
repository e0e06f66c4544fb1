package import Logging

/// The program's logging: one line an event on standard error, as text or JSON.
///
/// Each line is one write(2), straight from where it is logged. A thread with a queue would spare sessions the wait for a slow
/// reader, but in a crash the last lines, the ones wanted, would be lost; and at the usual level a connection logs a handful of
/// lines, at one to two microseconds each. Lines are bounded, and control characters in them escaped.
package enum ServerLogging {
    /// Sets up swift-log; to be called once in the life of the program.
    package static func bootstrap(_ configuration: ServerConfiguration.Log) {
        let make = handlerFactory(configuration, isJournal: StandardError.isJournal) { StandardError.write($0) }
        LoggingSystem.bootstrap { label in make(label) }
    }

    /// A logger with a destination of its own, for tests and for commands.
    package static func logger(
        label: String, _ configuration: ServerConfiguration.Log, isJournal: Bool = false,
        write: @escaping @Sendable (String) -> Void
    ) -> Logger {
        Logger(label: label, factory: handlerFactory(configuration, isJournal: isJournal, write: write))
    }

    private static func handlerFactory(
        _ configuration: ServerConfiguration.Log, isJournal: Bool, write: @escaping @Sendable (String) -> Void
    ) -> @Sendable (String) -> any LogHandler {
        let format = configuration.format
        let level = configuration.level
        let render: @Sendable (LogLine) -> String = { line in
            switch format {
            case .text: LogFormat.text(line, isJournal: isJournal)
            case .json: LogFormat.json(line)
            }
        }
        return { ServerLogHandler(label: $0, level: level, render: render, write: write) }
    }
}
