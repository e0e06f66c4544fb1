import NIOCore
import POP3Endpoint
import Testing

/// Who wants too much is told so.
@Suite(.timeLimit(.minutes(1))) struct LimitTests {
    @Test func aSessionWithoutLogin() async throws {
        let server = try await Server { $0.loginTimeout = .milliseconds(50) }
        let client = try await Client.connect(to: server.address)
        _ = await client.line()
        try await client.send("CAPA\r\n")
        while await client.line() != nil {}
        await server.stop()
    }

    @Test func aLineWithoutEnd() async throws {
        let server = try await Server()
        let client = try await Client.connect(to: server.address)
        _ = await client.line()
        for _ in 0..<17 { try? await client.send(String(repeating: "A", count: 1 << 16)) }
        #expect(await client.line() == "-ERR The line is too long.")
        #expect(await client.line() == "-ERR Line without end.")
        #expect(await client.line() == nil)
        await server.stop()
    }
}
