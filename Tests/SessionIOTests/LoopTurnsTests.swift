import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import SessionIO

/// One event loop, so that its connections are in each other's way.
@Suite struct LoopTurnsTests {
    /// What the sessions of a test have done.
    private final class Work: Sendable {
        let done = Atomic<Int>(0)
        let began: AsyncStream<Void>
        let begin: AsyncStream<Void>.Continuation

        init() { (began, begin) = AsyncStream.makeStream() }
    }

    /// `w` takes a millisecond of the loop's time; `?` asks how much work has been done.
    private static func serve(_ connection: Connection, _ work: Work) async {
        while await connection.fill(within: .minutes(1)) == .data {
            while let command: UInt8 = connection.input.readInteger() {
                if command == UInt8(ascii: "w") {
                    let end = NIODeadline.now() + .milliseconds(1)
                    while NIODeadline.now() < end {}
                    work.done.add(1, ordering: .relaxed)
                    work.begin.yield()
                } else {
                    connection.output.writeString("\(work.done.load(ordering: .relaxed))\n")
                }
                await connection.giveWayIfDue()
            }
        }
    }

    @Test func whoSendsManyCommandsLetsOthersHaveTheirTurn() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = SessionServer(group: group, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let work = Work()
        let service = SessionServer.Service(name: "work", refusal: "", session: { await Self.serve($0, work) })
        let address = try await server.listen(host: "127.0.0.1", port: 0, service)
        let clients = MultiThreadedEventLoopGroup.singleton
        let busy = try await ClientBootstrap(group: clients).connect(to: address).get()
        let other = try await ClientBootstrap(group: clients).connect(to: address) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        let amount = 400
        try await busy.writeAndFlush(ByteBuffer(repeating: UInt8(ascii: "w"), count: amount))
        for await _ in work.began { break }
        try await other.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "?"))
            for try await answer in inbound {
                let done = try #require(Int(String(buffer: answer).dropLast()))
                #expect(done < amount)
                break
            }
        }
        try await busy.close()
        await server.shutDown(grace: .seconds(60))
        try await group.shutdownGracefully()
    }

    @Test func givingWayReturns() async throws {
        let server = SessionServer(
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let service = SessionServer.Service(
            name: "work", refusal: "",
            session: { connection in
                for _ in 0..<100 { await connection.giveWay() }
                connection.output.writeString("done")
            })
        let address = try await server.listen(host: "127.0.0.1", port: 0, service)
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(to: address) {
            channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        let text = try await client.executeThenClose { inbound, _ in
            var all = ""
            for try await piece in inbound { all += String(buffer: piece) }
            return all
        }
        #expect(text == "done")
        await server.shutDown(grace: .seconds(60))
    }

    /// A loop that is none of NIO's has no pipe.
    @Test func testLoopsGiveWayToo() async throws {
        let server = SessionServer(
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let service = SessionServer.Service(
            name: "work", refusal: "",
            session: { connection in
                await connection.giveWay()
                connection.output.writeString("done")
            })
        let peer = try await TestPeer(server, service)
        #expect(try await peer.received() == "done")
    }
}
