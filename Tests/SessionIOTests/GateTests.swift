import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import SessionIO

/// Who comes in, and who has to go for it.
@Suite(.timeLimit(.minutes(1))) struct GateTests {
    private let log = TestLog()
    private let server: SessionServer

    init() { server = SessionServer(group: NIOAsyncTestingEventLoop(), logger: log.logger()) }

    /// `login` logs in, `work` begins something useful, `rest` ends it.
    private static func service(_ limits: ConnectionLimits) -> SessionServer.Service {
        SessionServer.Service(name: "test", limits: limits, refusal: "full\r\n") { connection in
            while true {
                switch await connection.fill(within: .minutes(5)) {
                case .data:
                    switch connection.input.readString(length: connection.input.readableBytes) {
                    case "login": connection.loggedIn()
                    case "work": connection.engaged(true)
                    case "rest": connection.engaged(false)
                    default: return
                    }
                case .interrupted(let reason):
                    connection.output.writeString("\(reason)")
                    return
                default: return
                }
            }
        }
    }

    @Test func theOldestWhoDidNothingGoes() async throws {
        let service = Self.service(ConnectionLimits(total: 100, unauthenticated: 3))
        let known = try await TestPeer(server, service)
        try await known.send("login")
        let busy = try await TestPeer(server, service)
        try await busy.send("work")
        let first = try await TestPeer(server, service)
        let second = try await TestPeer(server, service)
        let newcomer = try await TestPeer(server, service)
        await first.settle()
        #expect(try await first.received() == "displaced")
        #expect(first.isClosed)
        #expect(!known.isClosed && !busy.isClosed && !second.isClosed && !newcomer.isClosed)
        #expect(server.gate.unauthenticatedCount == 3)
        #expect(log.all.contains { $0.contains("displaced") && $0.contains("limits.unauthenticatedConnections") })
    }

    @Test func whoIsBusyStaysAndTheNewcomerIsRefused() async throws {
        let service = Self.service(ConnectionLimits(total: 100, unauthenticated: 2))
        let busy = [try await TestPeer(server, service), try await TestPeer(server, service)]
        for peer in busy { try await peer.send("work") }
        let newcomer = try await TestPeer(server, service)
        #expect(try await newcomer.received() == "full\r\n")
        try await busy[0].send("rest")
        _ = try await TestPeer(server, service)
        await busy[0].settle()
        #expect(busy[0].isClosed)
        #expect(!busy[1].isClosed)
    }

    @Test func anAddressDisplacesOnlyForItsFirst() async throws {
        let service = Self.service(ConnectionLimits(total: 100, unauthenticated: 12))
        for number in 0..<12 {
            _ = try await TestPeer(server, service, from: number < 10 ? "192.0.2.0" : "192.0.2.1")
        }
        let refused = try await TestPeer(server, service, from: "192.0.2.0")
        #expect(try await refused.received() == "full\r\n")
        let other = try await TestPeer(server, service, from: "192.0.2.9")
        #expect(try await other.received() == "")
    }

    @Test func anAddressHasItsShare() async throws {
        let service = Self.service(ConnectionLimits(perAddress: 1))
        let first = try await TestPeer(server, service)
        let second = try await TestPeer(server, service)
        #expect(try await second.received() == "full\r\n")
        let other = try await TestPeer(server, service, from: "192.0.2.2")
        #expect(!other.isClosed)
        try await first.send("bye")
        let third = try await TestPeer(server, service)
        #expect(!third.isClosed)
    }

    @Test func loopbackIsExemptUnlessTold() async throws {
        let free = Self.service(ConnectionLimits(perAddress: 1, ratePerAddress: 1))
        for _ in 0..<3 {
            let peer = try await TestPeer(server, free, from: "127.0.0.1")
            #expect(!peer.isClosed)
        }
        let bound = Self.service(ConnectionLimits(perAddress: 1, includesLoopback: true))
        let peer = try await TestPeer(server, bound, from: "127.0.0.1")
        #expect(try await peer.received() == "full\r\n")
        await peer.advance(.seconds(1))
        #expect(peer.isClosed)
    }

    @Test func connectionsAMinute() {
        let gate = ConnectionGate()
        let limits = ConnectionLimits(ratePerAddress: 8)
        let peer = PeerAddress(bytes: [192, 0, 2, 1], port: 1)
        let start = NIODeadline.uptimeNanoseconds(0)
        func enter(_ time: TimeAmount) -> ConnectionGate.Refusal? { gate.enter(peer, limits, now: start + time) }
        #expect(enter(.seconds(0)) == nil)
        #expect(enter(.seconds(0)) == nil)
        #expect(enter(.seconds(5)) == .rate)
        #expect(enter(.seconds(8)) == nil)
        #expect(enter(.seconds(9)) == .rate)
    }

    @Test func theRateTableIsBounded() {
        var table = RateTable()
        let start = NIODeadline.uptimeNanoseconds(0)
        for number in 0..<(RateTable.capacity + 1000) {
            let key = withUnsafeBytes(of: number) { Array($0) }
            _ = table.take(key, perMinute: 1, now: start)
        }
        #expect(table.count <= RateTable.capacity)
    }

    @Test func repeatedRefusalsAreSummedUp() {
        let log = TestLog()
        let refusals = RefusalLog(group: NIOAsyncTestingEventLoop(), logger: log.logger())
        let peer = PeerAddress(bytes: [192, 0, 2, 1], port: 1)
        for _ in 0..<1000 { refusals.note("too many connections", service: "smtp", peer: peer) }
        for number in 0..<5000 {
            let other = PeerAddress(bytes: [10, 0, UInt8(number / 256), UInt8(number % 256)], port: 1)
            refusals.note("sends too slowly", service: "imap", peer: other)
        }
        #expect(log.all.first == "peer refused peer=192.0.2.1 reason=too many connections service=smtp")
        #expect(log.all.count <= RefusalLog.capacity + 1)
        refusals.flush()
        #expect(
            log.all.contains("peers refused again peer=192.0.2.1 reason=too many connections service=smtp times=999"))
        #expect(log.all.contains { $0.contains("peer=many") })
        refusals.flush()
        #expect(log.all.count <= RefusalLog.capacity + 3)
    }
}
