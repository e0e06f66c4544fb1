import NIOCore
import SMTPEndpoint
import SessionIO
import Testing

/// Damaged conversations against a whole server: it neither traps nor stores half messages, and goes on serving.
@Suite(.timeLimit(.minutes(2))) struct DamageTests {
    /// SplitMix64: the same sequence on every machine.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private static let lines = [
        "EHLO x\r\n", "HELO x\r\n", "MAIL FROM:<alice@example.test>\r\n", "MAIL FROM:<> BODY=BINARYMIME SMTPUTF8\r\n",
        "RCPT TO:<bob@example.test>\r\n", "RCPT TO:<bob+tag@example.test> NOTIFY=DELAY ORCPT=rfc822;x+40y\r\n",
        "DATA\r\n", "From: alice@example.test\r\n", "\r\n", ".\r\n", "..\r\n", "\n.\r\n", "\r.\r\n", "x\0y\u{ff}\r\n",
        "RSET\r\n",
        "NOOP\r\n", "BDAT 5\r\nabcde", "BDAT 0 LAST\r\n", "BDAT 99999999999999999999 LAST\r\n", "VRFY x\r\n",
        "AUTH PLAIN\r\n",
        "AUTH LOGIN YWxpY2VAZXhhbXBsZS50ZXN0\r\n", "YWI=\r\n", "*\r\n",
        "AUTH SCRAM-SHA-256 biwsbj1hbGljZUBleGFtcGxlLnRlc3Qscj14\r\n",
        "Received: x\r\n", " folded\r\n", "Content-Type: multipart/mixed; boundary=\"\r\n", "STARTTLS\r\n", "HELP\r\n",
        "\r",
    ]

    @Test(arguments: [SMTPListenerKind.reception, .submission])
    func survives(kind: SMTPListenerKind) async throws {
        try await TestServer.run(
            kind,
            {
                $0.allowsPlaintextAuthentication = true; $0.messageLimit = 400
            }
        ) { server in
            var generator = Generator(state: 7)
            for _ in 0..<120 {
                var bytes: [UInt8] = []
                for _ in 0..<Int.random(in: 1...14, using: &generator) {
                    bytes += Array((Self.lines.randomElement(using: &generator) ?? "").utf8)
                }
                if Bool.random(using: &generator) {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                let client = try await server.connect()
                try? await client.sendExactly(bytes)
                client.close()
            }
            let client = try await server.connect()
            _ = await client.reply()
            #expect(try await client.command("EHLO x").hasPrefix("250-"))
            #expect(try await client.command("QUIT").hasPrefix("221 "))
            await server.server.shutDown(grace: .seconds(60))
            #expect(server.server.connectionCount == 0)
        }
    }
}
