import NIOCore
import SMTPWire
import Testing

struct LineDecoderTests {
    @Test func cutsLines() throws {
        var decoder = LineDecoder()
        var buffer = ByteBuffer(string: "NOOP\r\n\r\nQUIT\r\nRE")
        #expect(try decoder.next(from: &buffer, limit: 100) == ByteBuffer(string: "NOOP"))
        #expect(try decoder.next(from: &buffer, limit: 100) == ByteBuffer(string: ""))
        #expect(try decoder.next(from: &buffer, limit: 100) == ByteBuffer(string: "QUIT"))
        #expect(try decoder.next(from: &buffer, limit: 100) == nil)
        #expect(buffer == ByteBuffer(string: "RE"), "an incomplete line stays")
    }

    @Test func takesByteByByte() throws {
        var decoder = LineDecoder()
        var buffer = ByteBuffer()
        var lines: [ByteBuffer] = []
        for byte in "EHLO a\r\nQUIT\r\n".utf8 {
            buffer.writeInteger(byte)
            if let line = try decoder.next(from: &buffer, limit: 100) { lines.append(line) }
        }
        #expect(lines == [ByteBuffer(string: "EHLO a"), ByteBuffer(string: "QUIT")])
    }

    @Test(arguments: ["NOOP\n", "\n", "NO\rOP\r\n", "\rNOOP\r\n", "NOOP\r\r\n", "NOOP\r\nx\n"])
    func refusesBareLineEnds(text: String) {
        #expect(throws: LineDefect.bareLineEnd) {
            var decoder = LineDecoder()
            var buffer = ByteBuffer(string: text)
            while try decoder.next(from: &buffer, limit: 100) != nil {}
        }
    }

    @Test func goesOnAfterABareLineEnd() throws {
        var decoder = LineDecoder()
        var buffer = ByteBuffer(string: "MAIL FROM:<>\nNOOP\r\n")
        #expect(throws: LineDefect.bareLineEnd) { try decoder.next(from: &buffer, limit: 100) }
        #expect(try decoder.next(from: &buffer, limit: 100) == ByteBuffer(string: "NOOP"))
    }

    @Test func limitCountsTheLineEnd() throws {
        var decoder = LineDecoder()
        var buffer = ByteBuffer(string: "12345678\r\n123456789\r\nNOOP\r\n")
        #expect(try decoder.next(from: &buffer, limit: 10) == ByteBuffer(string: "12345678"))
        #expect(throws: LineDefect.tooLong) { try decoder.next(from: &buffer, limit: 10) }
        #expect(try decoder.next(from: &buffer, limit: 10) == ByteBuffer(string: "NOOP"))
    }

    @Test func discardsAnEndlessLineAsItComes() throws {
        var decoder = LineDecoder()
        var buffer = ByteBuffer()
        for _ in 0..<1000 {
            buffer.writeRepeatingByte(0x61, count: 100)
            #expect(try decoder.next(from: &buffer, limit: 512) == nil)
            #expect(buffer.readableBytes <= 612)
        }
        buffer.writeString("\r\nNOOP\r\n")
        #expect(throws: LineDefect.tooLong) { try decoder.next(from: &buffer, limit: 512) }
        #expect(try decoder.next(from: &buffer, limit: 512) == ByteBuffer(string: "NOOP"))
    }
}
