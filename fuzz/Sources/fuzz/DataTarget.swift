import NIOCore
import POP3Wire
import SMTPWire

/// What follows DATA, against a decoder too simple to be wrong: two opinions about where a message ends are how mail is
/// smuggled. And the way back, as POP3 sends it.
enum DataTarget {
    static func run(_ bytes: [UInt8]) {
        let whole = decode([ByteBuffer(bytes: bytes)])
        let inPieces = decode(Pieces.cut(bytes))
        let expected = reference(bytes)
        for found in [whole, inPieces] {
            expect(found.end == expected?.end, "the message ends at another place")
            guard let expected else { continue }
            expect(found.isDefective == expected.isDefective, "a bare line end passes, or a good one does not")
            expect(expected.isDefective || found.content == expected.content, "the content is not what was sent")
        }
        stuff(bytes)
    }

    private struct Decoded {
        /// Bytes up to and with the final dot's line; nil if there is none.
        var end: Int?
        var isDefective = false
        var content: [UInt8] = []
    }

    private static func decode(_ pieces: [ByteBuffer]) -> Decoded {
        var decoder = ContentDecoder()
        var result = Decoded()
        var fed = 0
        var input = ByteBuffer()
        for var piece in pieces where result.end == nil {
            fed += piece.readableBytes
            input.writeBuffer(&piece)
            while result.end == nil, let event = decoder.next(from: &input) {
                switch event {
                case .piece(let piece): result.content.append(contentsOf: piece.readableBytesView)
                case .end(let defect):
                    result.end = fed - input.readableBytes
                    result.isDefective = defect != nil
                }
            }
        }
        return result
    }

    /// RFC 5321 §4.5.2, read line by line. Nil if the message does not end.
    private static func reference(_ bytes: [UInt8]) -> Decoded? {
        var result = Decoded()
        var start = 0
        while let end = lineEnd(bytes, from: start) {
            var line = bytes[start..<end]
            if line.elementsEqual([0x2E, 0x0D, 0x0A]) {
                result.end = end
                return result
            }
            if line.first == 0x2E { line.removeFirst() }
            let text = line.dropLast(2)
            if text.contains(0x0D) || text.contains(0x0A) { result.isDefective = true }
            result.content.append(contentsOf: line)
            start = end
        }
        return nil
    }

    /// The index behind the next CRLF.
    private static func lineEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == 0x0D, bytes[index + 1] == 0x0A { return index + 2 }
            index += 1
        }
        return nil
    }

    private static func stuff(_ bytes: [UInt8]) {
        func stuffed(_ pieces: [ByteBuffer]) -> ByteBuffer {
            var stuffer = DotStuffer()
            var output = ByteBuffer()
            for piece in pieces { stuffer.write(piece, into: &output) }
            stuffer.finish(into: &output)
            return output
        }
        let sent = stuffed([ByteBuffer(bytes: bytes)])
        expect(stuffed(Pieces.cut(bytes)) == sent, "stuffed in pieces, a message is another")
        guard let read = reference(Array(sent.readableBytesView)) else { fail("a stuffed message has no end") }
        expect(read.end == sent.readableBytes, "a stuffed message ends too early")
        // A lone LF goes out as CRLF, so that only a lone CR is left to be wrong.
        var expected: [UInt8] = []
        for byte in bytes {
            if byte == 0x0A, expected.last != 0x0D { expected.append(0x0D) }
            expected.append(byte)
        }
        if !expected.isEmpty, !expected.suffix(1).elementsEqual([0x0A]) { expected += [0x0D, 0x0A] }
        expect(read.content == expected, "a stuffed message is not what was stored")
    }
}
