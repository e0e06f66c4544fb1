import Bytes
import Foundation
import IMAPEndpoint
import IMAPWire
import NIOCore
import Testing

/// Whatever a message is, the replies about it are well-formed and its bytes come back unchanged.
@Suite struct WholeReplyTests {
    private func check(_ messages: [(name: String, bytes: ByteBuffer)]) async throws {
        let fixture = FetchFixture(bytes: messages.map(\.bytes))
        let sink = StubSink()
        let outcome = try await fixture.run(
            [
                .uid, .envelope, .body, .bodyStructure, .preview(lazy: false), .peek([], .header), .peek([], .text),
                .peek([1]), .peek([1], .mime), .peek([2, 1], .header), .peek([], .headerFields(["Subject", "From"])),
                .peek([], .headerFieldsNot(["Subject"])), .peek(),
            ], sink: sink)
        #expect(outcome.completion.condition == .ok)
        _ = await sink.flush()
        var reader = ReplyReader(sink.sent)
        for (index, message) in messages.enumerated() {
            do {
                try reader.expect("* \(index + 1) FETCH (UID \((index + 1) * 10) ENVELOPE ")
                try reader.envelope()
                try reader.expect(" BODY ")
                try reader.body(isExtended: false)
                try reader.expect(" BODYSTRUCTURE ")
                try reader.body(isExtended: true)
                try reader.expect(" PREVIEW ")
                _ = try reader.nstring()
                try reader.expect(" BODY[HEADER] ")
                let header = try reader.nstring() ?? ByteBuffer()
                try reader.expect(" BODY[TEXT] ")
                let text = try reader.nstring() ?? ByteBuffer()
                for section in [
                    "1", "1.MIME", "2.1.HEADER", "HEADER.FIELDS (Subject From)", "HEADER.FIELDS.NOT (Subject)",
                ] {
                    try reader.expect(" BODY[\(section)] ")
                    _ = try reader.nstring()
                }
                try reader.expect(" BODY[] ")
                let whole = try reader.nstring() ?? ByteBuffer()
                try reader.expect(")\r\n")
                #expect(whole == message.bytes, "\(message.name)")
                var parts = header
                parts.writeImmutableBuffer(text)
                #expect(parts == whole, "\(message.name)")
            } catch {
                Issue.record("\(message.name): \(error)")
                return
            }
        }
        #expect(reader.isAtEnd)
    }

    @Test func hostileHeaders() async throws {
        let patterns = [
            "\"", "\\", "\\\"", "(", ")", "{3}", "~{3}", "\0", "\r", "\u{80}", "\u{FF}", "\t ", "a@", "@b", "g:", "g:;",
            ":;",
            ";", ",", "<", ">", "<@a:b@c>", "=?", "NIL", "a:b:c;;", "a: b@c", "\u{C3}\u{A9}", "'", "%", "*", "]",
        ]
        var messages: [(name: String, bytes: ByteBuffer)] = []
        for pattern in patterns {
            for value in [pattern, "x\(pattern)y", pattern + pattern, "\"\(pattern)", "a \(pattern) <b\(pattern)@c>"] {
                let text = """
                    Date: \(value)
                    Subject: \(value)
                    From: \(value)
                    To: a@b, \(value)
                    Message-ID: \(value)
                    MIME-Version: 1.0
                    Content-Type: text/\(value); name=\(value); \(value)="\(value)"
                    Content-Disposition: \(value); filename=\(value)
                    Content-ID: \(value)
                    Content-Description: \(value)
                    Content-Language: \(value), \(value)
                    Content-Transfer-Encoding: \(value)
                    Content-Location: \(value)

                    \(value)
                    """
                for head in [
                    "", "Content-Type: message/rfc822\n\n", "Content-Type: multipart/\(value); boundary=b\n\n--b\n",
                ] {
                    messages.append((value, ByteBuffer(bytes: FetchFixture.bytes(head + text))))
                }
            }
        }
        try await check(messages)
    }

    @Test func deeplyNested() async throws {
        let multiparts = (0..<150).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined()
        let forwards = String(repeating: "Content-Type: message/rfc822\n\n", count: 150)
        try await check([
            ("multiparts", ByteBuffer(bytes: FetchFixture.bytes(multiparts + "\nx"))),
            ("forwards", ByteBuffer(bytes: FetchFixture.bytes(forwards + "\nx"))),
            ("both", ByteBuffer(bytes: FetchFixture.bytes(multiparts + forwards + multiparts))),
        ])
    }

    /// The public test messages, which are not part of the repository: found beside it, or where MARTLET_FIXTURES says.
    static let folder: URL? = {
        let given = ProcessInfo.processInfo.environment["MARTLET_FIXTURES"].map { URL(fileURLWithPath: $0) }
        let repository = (0..<4).reduce(URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()) { url, _ in
            url.deletingLastPathComponent()
        }
        let beside = repository.deletingLastPathComponent().appendingPathComponent("shared/fixtures")
        return [given, beside].compactMap { $0?.appendingPathComponent("mime") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    @Test(.enabled(if: folder != nil, "shared/fixtures/mime is absent")) func publicMessages() async throws {
        guard let folder = Self.folder,
            let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        else { return }
        var messages: [(name: String, bytes: ByteBuffer)] = []
        while let file = all.nextObject() as? URL {
            guard !file.hasDirectoryPath, let data = try? Data(contentsOf: file) else { continue }
            messages.append((file.lastPathComponent, ByteBuffer(bytes: data)))
        }
        #expect(messages.count > 800)
        try await check(messages)
    }
}
