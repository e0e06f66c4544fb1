import Logging
import NIOCore
import NIOPosix
import SessionIO
import Testing

/// A line echo over real loopback sockets: the seam that every endpoint stands on.
@Suite struct ConnectionTests {
    private static func echo(_ connection: Connection) async {
        connection.output.writeString("hello\r\n")
        while true {
            switch await connection.fill(within: .minutes(5)) {
            case .data:
                while let length = connection.input.readableBytesView.firstIndex(of: 0x0A) {
                    let line = connection.input.readString(length: length - connection.input.readerIndex + 1) ?? ""
                    if line == "quit\r\n" { return }
                    if line == "wake\r\n" { connection.wake() } else { connection.output.writeString(line) }
                }
            case .woken:
                connection.output.writeString("woken\r\n")
            case .interrupted(let reason):
                connection.output.writeString("interrupted \(reason)\r\n")
                return
            case .closed, .timedOut:
                return
            }
        }
    }

    private func withServer(
        _ limits: ConnectionLimits = ConnectionLimits(),
        _ body: (SessionServer, SocketAddress) async throws -> Void
    ) async throws {
        let server = SessionServer(
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let service = SessionServer.Service(
            name: "echo", limits: limits, refusal: "full\r\n", session: { await Self.echo($0) })
        let address = try await server.listen(host: "127.0.0.1", port: 0, service)
        try await body(server, address)
        await server.shutDown(grace: .seconds(60))
    }

    /// Sends `text`, half-closes, and returns all that comes until the server closes.
    private func converse(_ address: SocketAddress, _ text: String) async throws -> String {
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await client.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            outbound.finish()
            var received = ByteBuffer()
            for try await var piece in inbound { received.writeBuffer(&piece) }
            return String(buffer: received)
        }
    }

    @Test func pipelinedInputIsAnsweredBeforeTheEnd() async throws {
        try await withServer { _, address in
            let reply = try await converse(address, "one\r\ntwo\r\n")
            #expect(reply == "hello\r\none\r\ntwo\r\n")
        }
    }

    @Test func aWakeReachesTheSession() async throws {
        try await withServer { _, address in
            let reply = try await converse(address, "wake\r\nafter\r\n")
            #expect(reply == "hello\r\nafter\r\nwoken\r\n")
        }
    }

    @Test func aPeerTooManyIsToldSo() async throws {
        try await withServer(ConnectionLimits(total: 0)) { _, address in
            let reply = try await converse(address, "")
            #expect(reply == "full\r\n")
        }
    }

    @Test func shutdownTellsEverySessionAndWaits() async throws {
        let server = SessionServer(
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let (greeted, greet) = AsyncStream<Void>.makeStream()
        let service = SessionServer.Service(
            name: "echo", refusal: "",
            session: { connection in
                greet.yield()
                await Self.echo(connection)
            })
        let address = try await server.listen(host: "127.0.0.1", port: 0, service)
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let text = try await client.executeThenClose { inbound, _ in
            for await _ in greeted { break }
            await server.shutDown(grace: .seconds(60))
            var received = ByteBuffer()
            for try await var piece in inbound { received.writeBuffer(&piece) }
            return String(buffer: received)
        }
        #expect(text.hasPrefix("hello\r\ninterrupted"))
        #expect(server.connectionCount == 0)
    }

    @Test func addressesAreCountedBySubscriber() {
        let mapped = PeerAddress(bytes: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 192, 0, 2, 1], port: 1)
        #expect(mapped.description == "192.0.2.1")
        #expect(mapped.literal == "192.0.2.1")
        let v6 = PeerAddress(
            bytes: [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 7) + [1], port: 1)
        #expect(v6.literal == "IPv6:2001:db8:0:1::1")
        #expect(v6.limitKey.count == 8)
        #expect(PeerAddress(bytes: [127, 0, 0, 9], port: 1).isLoopback)
    }
}
