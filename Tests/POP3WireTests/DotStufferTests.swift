import NIOCore
import POP3Wire
import Testing

@Suite struct DotStufferTests {
    @Test(arguments: [
        ("", ".\r\n"),
        ("a\r\n", "a\r\n.\r\n"),
        ("a", "a\r\n.\r\n"),
        ("a\nb\n", "a\r\nb\r\n.\r\n"),
        (".", "..\r\n.\r\n"),
        (".\r\n", "..\r\n.\r\n"),
        ("..\r\n.a\r\nb.\r\n", "...\r\n..a\r\nb.\r\n.\r\n"),
        ("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"),
        ("\r\n\r\n", "\r\n\r\n.\r\n"),
        ("\n\n", "\r\n\r\n.\r\n"),
        ("a\rb\r\n", "a\rb\r\n.\r\n"),
        ("a\r", "a\r\r\n.\r\n"),
        ("a\r\r\n.", "a\r\r\n..\r\n.\r\n"),
        ("\n.\n", "\r\n..\r\n.\r\n"),
    ])
    func wholeAndInPieces(content: String, wire: String) {
        for size in [1, 2, 3, 1000] {
            var stuffer = DotStuffer()
            var output = ByteBuffer()
            var rest = buffer(content)
            while let slice = rest.readSlice(length: min(size, rest.readableBytes)), slice.readableBytes > 0 {
                stuffer.write(slice, into: &output)
            }
            stuffer.finish(into: &output)
            #expect(output == buffer(wire), "pieces of \(size)")
        }
    }

    /// What the client undoes is what went in, for content with CRLF line ends.
    @Test func randomContentRoundTrip() {
        var generator = SystemRandomNumberGenerator()
        let words = [".", "\r\n", "a", "..", "\r\n.", "text"]
        for _ in 0..<2000 {
            let content =
                (0..<Int.random(in: 0..<12, using: &generator)).map { _ in words.randomElement(using: &generator)! }
                .joined() + "\r\n"
            var stuffer = DotStuffer()
            var output = ByteBuffer()
            var rest = buffer(content)
            while rest.readableBytes > 0 {
                stuffer.write(rest.readSlice(length: min(rest.readableBytes, .random(in: 1...4)))!, into: &output)
            }
            stuffer.finish(into: &output)
            #expect(unstuffed(String(buffer: output)) == content)
        }
    }

    private func unstuffed(_ wire: String) -> String? {
        let marked = Array(wire.utf8)
        guard marked.suffix(3).elementsEqual(".\r\n".utf8) else { return nil }
        var lines: [[UInt8]] = [[]]
        for byte in marked.dropLast(3) {
            lines[lines.count - 1].append(byte)
            if byte == 0x0A { lines.append([]) }
        }
        return String(decoding: lines.map { $0.first == 0x2E ? $0.dropFirst() : $0[...] }.joined(), as: UTF8.self)
    }
}
