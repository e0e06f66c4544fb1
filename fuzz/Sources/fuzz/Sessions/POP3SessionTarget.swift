import MailStore
import NIOCore
import POP3Endpoint
import SessionIO

/// Whole POP3 sessions on a maildrop of several messages.
enum POP3SessionTarget: SessionProtocol {
    static func run(_ bytes: [UInt8]) { SessionRun<Self>.run(bytes) }

    static func host(variant: Int) async throws(StoreError) -> SessionHost {
        let policies: [POP3Policy] = [.leaveOnServer, .deleteAfterDownload, .expireAfter(days: 3)]
        return try await SessionHost(messages: variant == 4 ? 0 : 7, pop3: policies[variant % 3])
    }

    static func isEncrypted(variant: Int) -> Bool { variant == 2 }

    static func service(variant: Int, _ host: SessionHost) -> SessionServer.Service {
        var settings = POP3Settings(hostName: "mail.example.test")
        settings.allowsPlaintextAuthentication = variant != 3
        let service = POP3Service(
            settings: settings, authenticator: host.authenticator, tls: nil,
            openAccount: { id throws(StoreError) in try await host.shard.account(id) }, now: { SessionHost.time })
        return SessionServer.Service(
            name: "pop3", refusal: POP3Service.refusal, session: { await service.serve($0) })
    }

    static func probe(_ number: Int) -> [UInt8] { Array("\r\nNOOP\r\n".utf8) }

    static func isAnswer(_ heard: ByteBuffer, to number: Int) -> Bool { heard.readableBytes > 0 }

    static func filler(after said: [UInt8]) -> Int? { 1000 }

    static func check(_ peer: SessionPeer, _ host: SessionHost) {
        var lines = Lines(peer.heard)
        var replies = 0
        while let line = lines.next() {
            replies += 1
            expect(line.count <= 510 || line.starts(with: "+ ".utf8), "a reply of \(line.count) octets")
            expect(!line.contains { $0 < 0x20 }, "a control character in a reply: \(text(line))")
            let isPositive = line.starts(with: "+OK".utf8)
            expect(
                isPositive || line.starts(with: "-ERR".utf8) || line.starts(with: "+ ".utf8),
                "no status: \(text(line))")
            // No message here has a line that looks like a status.
            guard isPositive, !lines.isNext("+OK", "-ERR", "+ "), !lines.isAtEnd else { continue }
            while !lines.isNext(".\r\n") {
                guard take(&lines, of: peer) else { break }
            }
            _ = lines.next()
        }
        expect(lines.isAtEnd || peer.mayMissSomething, "a reply is not ended")
        expect(
            replies <= 2 + peer.said.lineCount + peer.said.count / 255,
            "\(replies) replies to \(peer.said.lineCount) lines")
    }

    /// One line of a multi-line reply, which may hold anything but its own end.
    private static func take(_ lines: inout Lines, of peer: SessionPeer) -> Bool {
        if lines.nextContent() != nil { return true }
        expect(peer.mayMissSomething, "a multi-line reply has no end")
        return false
    }
}
