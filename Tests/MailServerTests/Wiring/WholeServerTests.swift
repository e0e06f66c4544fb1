import Foundation
import HTTPEndpoint
import MailServer
import Testing

/// The whole program but its command line: a folder, a server on free ports, clients, an end, and the same folder again.
@Suite struct WholeServerTests {
    private static func configuration(_ overrides: String...) throws -> ServerConfiguration {
        var base = ServerConfiguration()
        base.listen = Listen(address: "127.0.0.1", portOffset: 0)
        let free = ["smtp", "submission", "imap", "pop3", "http"].map { "listen.\($0)=0" }
        let off = ["submissions", "imaps", "pop3s", "https"].map { "listen.\($0)=off" }
        return try ServerConfiguration.read(
            overrides: ["server.name=mail.example.test", "auth.plaintext=true"] + free + off + overrides, base: base)
    }

    private static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "server-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private static func start(_ folder: String, _ configuration: ServerConfiguration) async throws -> Server {
        let node = try await MailNode.open(directory: folder, configuration: configuration, role: .server)
        do {
            return try await Server.start(node, certificates: nil, metrics: PrometheusRegistry())
        } catch {
            await node.close()
            throw error
        }
    }

    /// What a command prints with --json.
    private static func command(
        _ folder: String, _ requests: AdministrationRequest...
    ) async throws -> [String] {
        let (stream, objects) = AsyncStream<String>.makeStream()
        try await AdministrationClient.perform(requests, directory: folder, configuration: configuration()) { reply in
            if case .object(let json) = reply { objects.yield(json) }
        }
        objects.finish()
        return await stream.reduce(into: []) { $0.append($1) }
    }

    private static func inbox(_ server: Server) async throws -> String {
        var answer = ""
        try await LineClient.connected(to: server.endpoints["imap"]) { client in
            _ = try await client.ask(nil, until: "* OK")
            let login = try await client.ask("a LOGIN ada@example.test tulip-grass-9", until: "a ")
            #expect(login.contains("a OK"))
            _ = try await client.ask("b SELECT INBOX", until: "b ")
            answer = try await client.ask("c FETCH 1:* (UID FLAGS BODY.PEEK[TEXT])", until: "c ")
            _ = try await client.ask("d STORE 1 +FLAGS (\\Flagged)", until: "d ")
        }
        return answer
    }

    @Test func mailComesInIsReadAndSurvivesARestart() async throws {
        try await Self.withFolder { folder in
            var server = try await Self.start(folder, Self.configuration())
            _ = try await Self.command(folder, .domainAdd(name: "example.test"))
            let account = AdministrationRequest.AccountToAdd(address: "ada@example.test", password: "tulip-grass-9")
            #expect(try await Self.command(folder, .accountAdd(account)).count == 1)

            try await LineClient.connected(to: server.endpoints["smtp"]) { client in
                #expect(try await client.ask(nil, until: "220 ").contains("mail.example.test"))
                _ = try await client.ask("EHLO client.test", until: "250 ")
                _ = try await client.ask("MAIL FROM:<ben@elsewhere.test>", until: "250 ")
                #expect(try await client.ask("RCPT TO:<nobody@example.test>", until: "5", "2").hasPrefix("550 5.1.1"))
                _ = try await client.ask("RCPT TO:<Ada+list@EXAMPLE.test>", until: "250 ")
                _ = try await client.ask("DATA", until: "354 ")
                _ = try await client.ask("Subject: one\r\n\r\nfirst light\r\n.", until: "250 ")
            }
            #expect(try await Self.inbox(server).contains("first light"))
            let status = try await Self.command(folder, .status)
            #expect(status.first?.contains("\"running\":true") == true)

            await server.stop()
            let offline = try await Self.command(folder, .status, .trace(.init(recipient: "ada+list@example.test")))
            #expect(offline.first?.contains("\"running\":false") == true)
            #expect(offline.contains { $0.contains("\"routed\"") && $0.contains("to ada@example.test") })

            server = try await Self.start(folder, Self.configuration())
            let after = try await Self.inbox(server)
            #expect(after.contains("first light") && after.contains("\\Flagged"))
            try await LineClient.connected(to: server.endpoints["pop3"]) { client in
                _ = try await client.ask(nil, until: "+OK")
                _ = try await client.ask("USER ada@example.test", until: "+OK")
                #expect(try await client.ask("PASS tulip-grass-9", until: "+OK", "-ERR").hasPrefix("+OK"))
                #expect(try await client.ask("RETR 1", until: ".\r\n").contains("first light"))
            }
            try await LineClient.connected(to: server.endpoints["http"]) { client in
                let reply = try await client.ask(
                    "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n", until: "ready")
                #expect(reply.hasPrefix("HTTP/1.1 200"))
            }
            await server.stop()
            let verified = try await Self.command(folder, .verify(repair: false))
            #expect(verified.last?.contains("\"findings\":[]") == true)
        }
    }

    @Test func aSecondServerIsToldWhoHasTheFolder() async throws {
        try await Self.withFolder { folder in
            let server = try await Self.start(folder, Self.configuration())
            let failure = await #expect(throws: AdministrationFailure.self) {
                _ = try await Self.start(folder, Self.configuration())
            }
            #expect(failure?.message.contains("\(ProcessInfo.processInfo.processIdentifier)") == true)
            #expect(failure?.remedy.isEmpty == false && failure?.isTransient == false)
            await server.stop()
        }
    }

    @Test func aTakenPortIsNamed() async throws {
        try await Self.withFolder { folder in
            let first = try await Self.start(folder, Self.configuration())
            let port = try #require(first.endpoints["imap"])
            try await Self.withFolder { other in
                let failure = await #expect(throws: AdministrationFailure.self) {
                    _ = try await Self.start(other, Self.configuration("listen.imap=\(port)"))
                }
                #expect(failure?.error == "portTaken" && failure?.message.contains("\(port)") == true)
            }
            await first.stop()
        }
    }
}
