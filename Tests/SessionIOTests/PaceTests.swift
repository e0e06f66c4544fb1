import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import SessionIO

/// Slow peers: those who dribble are ended, those on bad lines are not.
@Suite(.timeLimit(.minutes(1))) struct PaceTests {
    private let log = TestLog()
    private let server: SessionServer

    init() {
        server = SessionServer(
            group: NIOAsyncTestingEventLoop(), logger: log.logger(),
            policy: SessionPolicy(pace: PaceLimits(minimumRate: 50, grace: .minutes(5)), outputMemory: 1_000_000))
    }

    /// Takes lines and, after `message`, bytes without end, and says why it ends.
    private static let service = SessionServer.Service(name: "test", refusal: "full\r\n") { connection in
        var isMessage = false
        while true {
            switch await connection.fill(within: .minutes(5), midway: isMessage) {
            case .data:
                if isMessage { connection.input.clear() }
                while let length = connection.input.readableBytesView.firstIndex(of: 0x0A) {
                    let line = connection.input.readString(length: length - connection.input.readerIndex + 1) ?? ""
                    if line == "message\n" { isMessage = true }
                    if line == "much\n" { connection.output.writeRepeatingByte(0x2E, count: 100_000) }
                }
            case .interrupted(let reason):
                connection.output.writeString("\(reason)")
                return
            case .timedOut:
                connection.output.writeString("timedOut")
                return
            case .closed, .woken: return
            }
        }
    }

    @Test(arguments: ["x", "message\n"])
    func whoDribblesIsEnded(start: String) async throws {
        let peer = try await TestPeer(server, Self.service)
        try await peer.send(start)
        for _ in 0..<9 {
            await peer.advance(.seconds(30))
            try await peer.send("x")
        }
        #expect(!peer.isClosed)
        for _ in 0..<2 {
            await peer.advance(.seconds(30))
            if !peer.isClosed { try await peer.send("x") }
        }
        #expect(peer.isClosed)
        #expect(try await peer.received() == "tooSlow")
        let line = log.all.first { $0.contains("sends too slowly") }
        #expect(line?.contains("peer=192.0.2.1") == true)
        #expect(line?.contains("connection=") == true)
    }

    @Test func aSlowLineIsBorne() async throws {
        let peer = try await TestPeer(server, Self.service)
        try await peer.send("message\n")
        // An hour at 100 bytes a second, with pauses of four minutes.
        for _ in 0..<15 {
            await peer.advance(.minutes(4))
            try await peer.send(String(repeating: "x", count: 24_000))
        }
        #expect(!peer.isClosed)
    }

    @Test func silenceBetweenCommandsIsOnlyTimedOut() async throws {
        let peer = try await TestPeer(server, Self.service)
        for _ in 0..<10 {
            await peer.advance(.minutes(4))
            try await peer.send("x\n")
        }
        #expect(!peer.isClosed)
        await peer.advance(.minutes(5))
        #expect(try await peer.received() == "timedOut")
    }

    @Test func creditIsNotSavedUp() {
        let limits = PaceLimits(minimumRate: 50, grace: .minutes(5))
        var meter = PaceMeter()
        let isSpentAtOnce = meter.passed(.seconds(1), bytes: 50_000_000, limits, isShort: false)
        #expect(!isSpentAtOnce)
        #expect(meter.credit(limits, isShort: false) == .minutes(5))
        #expect(meter.credit(limits, isShort: true) == .seconds(10))
        let isSpent = meter.passed(.minutes(5), bytes: 0, limits, isShort: false)
        #expect(isSpent)
    }

    @Test func whoDoesNotReadIsEnded() async throws {
        let peer = try await TestPeer(server, Self.service)
        peer.channel.isWritable = false
        try await peer.send("much\n")
        await peer.advance(.seconds(290))
        #expect(!peer.isClosed)
        await peer.advance(.seconds(11))
        #expect(peer.isClosed)
        #expect(log.all.contains { $0.contains("reads too slowly") })
        #expect(server.policy.outputMemory.used == 0)
    }

    @Test func whoReadsAgainGoesOn() async throws {
        let peer = try await TestPeer(server, Self.service)
        for _ in 0..<3 {
            peer.channel.isWritable = false
            try await peer.send("much\n")
            await peer.advance(.seconds(250))
            peer.channel.isWritable = true
            try await peer.loop.executeInContext { peer.channel.pipeline.fireChannelWritabilityChanged() }
            await peer.settle()
        }
        #expect(!peer.isClosed)
    }

    @Test func patienceIsShortWhileMemoryIs() async throws {
        let peer = try await TestPeer(server, Self.service)
        peer.channel.isWritable = false
        try await peer.send("much\n")
        await peer.advance(.seconds(60))
        #expect(!peer.isClosed)
        server.policy.outputMemory.hold(900_000)
        await peer.advance(.seconds(21))
        #expect(peer.isClosed)
    }

    @Test func aDeadlineHoldsWhateverIsSent() async throws {
        let service = SessionServer.Service(name: "test", refusal: "") { connection in
            connection.deadline = connection.eventLoop.now + .seconds(60)
            while await connection.fill(within: .minutes(5)) == .data { connection.input.clear() }
            connection.output.writeString("late")
        }
        let peer = try await TestPeer(server, service)
        for _ in 0..<5 {
            await peer.advance(.seconds(11))
            try await peer.send("x\n")
        }
        #expect(!peer.isClosed)
        await peer.advance(.seconds(6))
        #expect(try await peer.received() == "late")
    }
}
