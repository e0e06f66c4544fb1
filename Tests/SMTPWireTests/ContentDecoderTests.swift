import NIOCore
import SMTPWire
import Testing

/// The end of a message, and nothing else that looks like one.
struct ContentDecoderTests {
    struct Outcome: Equatable {
        var bytes = ByteBuffer()
        var ended = false
        var defect: ContentDefect?
        var rest = ""

        init(content: String = "", ended: Bool = false, defect: ContentDefect? = nil, rest: String = "") {
            bytes = ByteBuffer(string: content)
            self.ended = ended
            self.defect = defect
            self.rest = rest
        }
    }

    /// Feeds `text` in pieces of `size` bytes.
    static func decode(_ text: String, pieces size: Int, limit: UInt64? = nil) -> Outcome {
        var decoder = ContentDecoder(limit: limit)
        var outcome = Outcome()
        var input = ByteBuffer(string: text)
        while let part = input.readSlice(length: min(size, input.readableBytes)), part.readableBytes > 0 {
            if outcome.ended {
                outcome.rest += String(buffer: part)
                continue
            }
            var buffer = part
            loop: while let event = decoder.next(from: &buffer) {
                switch event {
                case .piece(var piece): outcome.bytes.writeBuffer(&piece)
                case .end(let defect):
                    outcome.ended = true
                    outcome.defect = defect
                    outcome.rest += String(buffer: buffer)
                    break loop
                }
            }
        }
        if !outcome.ended { outcome.defect = decoder.defect }
        return outcome
    }

    @Test(arguments: [
        (".\r\n", ""),
        ("a\r\n.\r\n", "a\r\n"),
        ("..\r\n.\r\n", ".\r\n"),
        ("...a\r\n.\r\n", "..a\r\n"),
        (".a\r\n.\r\n", "a\r\n"),
        ("a\r\n\r\nb.\r\n.c.\r\n.\r\n", "a\r\n\r\nb.\r\nc.\r\n"),
        ("\r\n\r\n.\r\n", "\r\n\r\n"),
        ("a.b\r\n.\r\n", "a.b\r\n"),
    ])
    func undoesDotStuffing(text: String, content: String) {
        for size in 1...(text.utf8.count + 6) {
            let outcome = Self.decode(text + "QUIT\r\n", pieces: size)
            #expect(outcome == Outcome(content: content, ended: true, rest: "QUIT\r\n"), "in pieces of \(size)")
        }
    }

    /// What one server or another has taken for the end of data ("SMTP smuggling"); none of these is.
    static let falseEnds = [
        "\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n", "\r\n.\n", "\r\n.\r", "\r\n.\r\r\n", "\n.\r", "\r.\n",
        "\r\n\0.\r\n", "\r\n.\0\r\n", "\r\n .\r\n", "\r\n. \r\n", "\r\r\n..\r\n", "\n\n.\r\n", "\n\r.\r\n",
        "\r\n.\r\u{0}\n", "\u{85}.\u{85}", "\r\n.\n\r\n",
    ]

    @Test(arguments: falseEnds)
    func isNotSmuggledPast(falseEnd: String) {
        let smuggled = "MAIL FROM:<evil@example.org>\r\n"
        let text = "a" + falseEnd + smuggled + ".\r\n"
        let expected = Self.decode(text + "NOOP\r\n", pieces: 1000)
        #expect(expected.ended)
        #expect(expected.rest == "NOOP\r\n", "only the true end ends")
        let scalars = Array(falseEnd.utf8)
        let isBare = scalars.indices.contains { index in
            (scalars[index] == 13 && (index + 1 == scalars.count || scalars[index + 1] != 10))
                || (scalars[index] == 10 && (index == 0 || scalars[index - 1] != 13))
        }
        #expect(expected.defect == (isBare ? .bareLineEnd : nil))
        for size in 1...text.utf8.count {
            let outcome = Self.decode(text + "NOOP\r\n", pieces: size)
            #expect(outcome.ended && outcome.rest == expected.rest && outcome.defect == expected.defect)
            if !isBare { #expect(outcome.bytes == expected.bytes) }
        }
    }

    @Test func aTrueLineEndAfterABareCRCounts() {
        let outcome = Self.decode("a\r\r\n.\r\nQUIT\r\n", pieces: 1)
        #expect(outcome.ended && outcome.defect == .bareLineEnd && outcome.rest == "QUIT\r\n")
    }

    @Test func refusesWhatIsTooLargeAfterItsEnd() {
        #expect(Self.decode("12345678\r\n.\r\n", pieces: 3, limit: 10).defect == nil)
        let outcome = Self.decode("123456789\r\n.\r\nX", pieces: 3, limit: 10)
        #expect(outcome.ended && outcome.defect == .tooLarge && outcome.rest == "X")
        #expect(outcome.bytes.readableBytes <= 10)
    }

    @Test func handsOutLargePiecesWithoutCopying() {
        var decoder = ContentDecoder()
        let text = String(repeating: String(repeating: "x", count: 74) + "\r\n", count: 1000)
        var buffer = ByteBuffer(string: text)
        var pieces = 0
        while case .piece = decoder.next(from: &buffer) { pieces += 1 }
        #expect(pieces == 1)
        #expect(decoder.count == 76_000)
    }

    @Test func aLineWithoutEndIsHandedOutAsItComes() {
        var decoder = ContentDecoder()
        for _ in 0..<1000 {
            var buffer = ByteBuffer(repeating: 0x61, count: 4096)
            #expect(decoder.next(from: &buffer) == .piece(ByteBuffer(repeating: 0x61, count: 4096)))
            #expect(decoder.next(from: &buffer) == nil)
        }
        #expect(decoder.count == 4_096_000)
    }

    @Test(arguments: [
        ("", false), ("a\r\n", false), ("a", false), ("\r\n\r\n", false), ("a\n", true), ("a\rb", true), ("a\r", true),
        ("\n", true), ("\r\r\n", true), ("a\r\n\n", true), ("\r\n\r\nb\rc\r\n", true),
    ])
    func checksLineEndsOfChunks(text: String, isBare: Bool) {
        for size in 1...(text.utf8.count + 1) {
            var check = LineEndCheck()
            var input = ByteBuffer(string: text)
            while let part = input.readSlice(length: min(size, input.readableBytes)), part.readableBytes > 0 {
                check.update(part)
            }
            check.finish()
            #expect(check.hasBareLineEnd == isBare, "\(text.debugDescription) in pieces of \(size)")
        }
    }
}
