import Logging
import Synchronization
import Testing

@testable import MailServer

/// Peers never get the descriptors that the store needs.
@Suite struct DescriptorLimitTests {
    @Test(arguments: [(65_536, 32_640), (1024, 384), (300, 22), (100, 16)])
    func connectionsLeaveRoomForTheStore(descriptors: Int, connections: Int) {
        #expect(DescriptorLimit.possible(descriptors: descriptors) == connections)
    }

    @Test func whatCannotBeHadIsSaid() {
        let lines = LineKeeper()
        let logger = Logger(label: "test") { label in
            ServerLogHandler(label: label, level: .info, render: { LogFormat.text($0) }, write: { lines.add($0) })
        }
        #expect(DescriptorLimit.connections(wanted: 1, logger: logger) == 1)
        #expect(lines.all.count == 1)
        let possible = DescriptorLimit.connections(wanted: .max / 4, logger: logger)
        #expect(possible >= 16 && possible < .max / 4)
        #expect(lines.all.last?.contains("limits.connections is more than the limit of open files allows") == true)
    }
}

private final class LineKeeper: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
