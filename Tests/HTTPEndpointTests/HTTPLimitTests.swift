import HTTPTypes
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import NIOPosix
import SessionIO
import Synchronization
import Testing

@testable import HTTPEndpoint

/// Hostile HTTP clients.
@Suite(.timeLimit(.minutes(1))) struct HTTPLimitTests {
    private static func serve(
        _ change: (inout HTTPListener.Settings) -> Void, _ body: (SocketAddress, SessionServer) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let sessions = SessionServer(group: group, logger: HTTPListenerTests.silent)
        var settings = HTTPListener.Settings(host: "127.0.0.1", port: 0)
        change(&settings)
        let listener = HTTPListener(
            settings, sessions: sessions, contributors: [StatusRoutes(name: "x", metrics: nil) { .ready }],
            eventLoopGroup: group, logger: HTTPListenerTests.silent)
        let address = try await listener.start()
        try await body(address, sessions)
        await listener.stop(grace: .seconds(0))
        #expect(sessions.gate.count == 0)
    }

    @Test func anAddressHasItsShareOfConnections() async throws {
        let limits = ConnectionLimits(perAddress: 1, includesLoopback: true)
        try await Self.serve({ $0.limits = limits }) { address, sessions in
            let held = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(to: address)
                .get()
            while sessions.gate.count == 0 { await Task.yield() }
            let answer = try await HTTPConversation.get("/healthz", at: address)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60\r\n"))
            try await held.close()
            while sessions.gate.count > 0 { await Task.yield() }
            #expect(try await HTTPConversation.get("/healthz", at: address).hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test(arguments: ["", "GET / HTTP/1.1\r\nHost: x\r\n"])
    func aHeaderHasItsTime(start: String) async throws {
        try await Self.serve({ $0.idleTimeout = .milliseconds(50) }) { address, _ in
            let answer = try await HTTPConversation.ask(start, at: address)
            #expect(!answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    private final class Reasons: Sendable {
        private let reasons = Mutex<[String]>([])
        var all: [String] { reasons.withLock { $0 } }
        func add(_ reason: String) { reasons.withLock { $0.append(reason) } }
    }

    private static let pace = PaceLimits(minimumRate: 50, grace: .seconds(60))
    private static let head = HTTPRequestPart.head(
        HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/"))

    @Test func aBodyThatDripsIsEnded() throws {
        let reasons = Reasons()
        let channel = EmbeddedChannel(handler: HTTPPatience(Self.pace) { reasons.add($0) })
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        try channel.writeInbound(Self.head)
        for _ in 0..<6 {
            #expect(channel.isActive)
            try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
            channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        }
        channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        #expect(!channel.isActive)
        #expect(reasons.all == ["sends too slowly"])
    }

    @Test func aSlowLineIsBorne() throws {
        let channel = EmbeddedChannel(handler: HTTPPatience(Self.pace) { _ in })
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        try channel.writeInbound(Self.head)
        for _ in 0..<60 {
            try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(repeating: 0x78, count: 1000)))
            channel.embeddedEventLoop.advanceTime(by: .seconds(10))
        }
        #expect(channel.isActive)
        try channel.writeInbound(HTTPRequestPart.end(nil))
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
        _ = try channel.finish()
    }

    @Test func whoDoesNotReadTheAnswerIsEnded() throws {
        let reasons = Reasons()
        let channel = EmbeddedChannel(handler: HTTPPatience(Self.pace) { reasons.add($0) })
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        channel.embeddedEventLoop.advanceTime(by: .seconds(50))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(20))
        #expect(!channel.isActive)
        #expect(reasons.all == ["reads too slowly"])
    }
}
