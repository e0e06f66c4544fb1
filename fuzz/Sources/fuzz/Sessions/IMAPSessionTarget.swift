import IMAPEndpoint
import IMAPWire
import MailStore
import NIOCore
import SessionIO

/// Whole IMAP sessions, up to three on one account, each watched as a caching client would.
enum IMAPSessionTarget: SessionProtocol {
    static func run(_ bytes: [UInt8]) { SessionRun<Self>.run(bytes) }

    static func host(variant: Int) async throws(StoreError) -> SessionHost {
        try await SessionHost(
            messages: variant == 3 ? 0 : SeedMessages.texts.count, quota: variant == 1 ? 120_000 : nil)
    }

    static func isEncrypted(variant: Int) -> Bool { variant == 2 }

    static func service(variant: Int, _ host: SessionHost) -> SessionServer.Service {
        var settings = IMAPSettings(hostName: "imap.example.test")
        settings.allowsPlaintextAuthentication = variant != 2
        settings.appendLimit = 3000
        settings.appendCount = 3
        settings.parser.line = 4096
        settings.parser.literal = 2048
        settings.parser.command = 8192
        settings.parser.skippedLiteral = 9999
        let service = IMAPService(
            settings: settings, authenticator: host.authenticator, tls: nil, shard: host.shard,
            now: { SessionHost.time }, searchWorkers: AtOnce())
        return SessionServer.Service(
            name: "imap", refusal: IMAPService.refusal, session: { await service.serve($0) })
    }

    private struct AtOnce: SearchWorkers {
        func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result { body() }
    }

    static func probe(_ number: Int) -> [UInt8] { Array("\r\nprobe\(number) NOOP\r\n".utf8) }

    static func isAnswer(_ heard: ByteBuffer, to number: Int) -> Bool {
        let answer = Array("\r\nprobe\(number) ".utf8)
        let bytes = Array(heard.readableBytesView)
        if bytes.starts(with: answer.dropFirst(2)) { return true }
        return bytes.indices.contains { bytes[$0] == 0x0D && bytes[$0...].starts(with: answer) }
    }

    static func filler(after said: [UInt8]) -> Int? { said.hasNumber(of: 5) ? nil : 10_000 }

    static func check(_ peer: SessionPeer, _ host: SessionHost) {
        var tags = said(peer.said)[...]
        var client = IMAPCachingClient()
        var replies = IMAPReplies(peer.heard)
        while let reply = replies.next() {
            switch reply {
            case .untagged(let line): client.take(line)
            case .continuation: break
            case .tagged(let tag, let line):
                // Of an overlong tag, only the beginning is given back.
                let index = tags.firstIndex { $0 == tag || (tag.utf8.count >= 64 && $0.hasPrefix(tag)) }
                guard let index else { fail("an answer to \(tag), which was not asked: \(line)") }
                tags = tags[(index + 1)...]
            }
        }
        expect(replies.isAtEnd || peer.mayMissSomething, "a reply is not ended: \(replies.remainder)")
    }

    /// The first word of each line, as those that are commands have their tags there.
    private static func said(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: 0x0A).map { line in
            String(decoding: line.prefix { $0 != 0x20 && $0 != 0x0D }, as: UTF8.self)
        }
    }
}
