import Logging
import NIOCore
import NIOEmbedded
import Synchronization

@testable import SessionIO

/// A peer without a socket, on a clock of its own: time passes when the test says so.
///
/// Sessions run on the peer's loop, so what they did for an event has been done when `settle` returns.
final class TestPeer: Sendable {
    let channel: NIOAsyncTestingChannel
    let loop: NIOAsyncTestingEventLoop

    /// Connects to `service` of `server` from `address`.
    init(_ server: SessionServer, _ service: SessionServer.Service, from address: String = "192.0.2.1") async throws {
        let loop = NIOAsyncTestingEventLoop()
        let channel = NIOAsyncTestingChannel(loop: loop)
        self.loop = loop
        self.channel = channel
        let remote = try SocketAddress(ipAddress: address, port: 1024)
        try await loop.executeInContext {
            channel.remoteAddress = remote
            try server.prepare(channel, for: service)
        }
        try await channel.connect(to: remote)
        await settle()
    }

    /// Lets everything happen that can without time passing.
    func settle() async {
        for _ in 0..<20 { await loop.run() }
    }

    func advance(_ time: TimeAmount) async {
        await loop.advanceTime(by: time)
        await settle()
    }

    func send(_ text: String) async throws {
        try await channel.writeInbound(ByteBuffer(string: text))
        await settle()
    }

    /// What the server has written since the last time.
    func received() async throws -> String {
        var text = ""
        while let buffer = try await channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    var isClosed: Bool { !channel.isActive }
}

/// Keeps log lines.
final class TestLog: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func logger() -> Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: TestLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            let text = "\(event.message) " + all.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            log.lines.withLock { $0.append(text) }
        }
    }
}
