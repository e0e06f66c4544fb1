import Logging
import MailModel
import MailStore
import Synchronization
import Testing

@Suite struct DiskTroubleTests {
    private struct Lines: LogHandler {
        let lines: Sink
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            lines.all.withLock { $0.append("\(event.level) \(event.message) \(event.metadata?["refused"] ?? "")") }
        }
    }

    private final class Sink: Sendable {
        let all = Mutex<[String]>([])
    }

    @Test func aLineAtTheBeginningOneAMinuteAndOneAtTheEnd() {
        let (sink, clock) = (Sink(), TestClock())
        let trouble = DiskTrouble(
            "new mail", directory: "/data", logger: Logger(label: "test") { _ in Lines(lines: sink) },
            now: { clock.now })
        trouble.succeeded()
        for _ in 0..<1000 { trouble.refused(.diskFull("No space left on device")) }
        clock.advance(days: 1)
        trouble.refused(.diskFull("No space left on device"), requests: 5)
        // A small write that found room says nothing.
        trouble.succeeded()
        trouble.refused(.diskFull("No space left on device"))
        clock.advance(days: 1)
        trouble.succeeded()
        trouble.succeeded()
        #expect(
            sink.all.withLock { $0 } == [
                "error the disk refuses: new mail is refused until it takes writes again 1",
                "error the disk still refuses 1005",
                "notice the disk takes writes again: new mail is taken 1006",
            ])
    }
}
