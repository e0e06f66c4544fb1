import Logging

enum ServerLogging {
    static func start(_ log: ServerConfiguration.Log) {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    }
}
