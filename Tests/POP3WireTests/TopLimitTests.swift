import NIOCore
import POP3Wire
import Testing

@Suite struct TopLimitTests {
    @Test(arguments: [
        ("H: 1\r\nI: 2\r\n\r\na\r\nb\r\nc\r\n", 0, "H: 1\r\nI: 2\r\n\r\n"),
        ("H: 1\r\n\r\na\r\nb\r\nc\r\n", 2, "H: 1\r\n\r\na\r\nb\r\n"),
        ("H: 1\r\n\r\na\r\nb", 2, "H: 1\r\n\r\na\r\nb"),
        ("H: 1\r\n\r\na\r\nb\r\n", 9, "H: 1\r\n\r\na\r\nb\r\n"),
        ("H: 1\n\na\nb\n", 1, "H: 1\n\na\n"),
        ("H: 1\r\n folded\r\n", 5, "H: 1\r\n folded\r\n"),
        ("\r\nbody\r\nmore\r\n", 1, "\r\nbody\r\n"),
        ("", 3, ""),
        ("H: 1\r\n\r\n\r\n\r\nx\r\n", 2, "H: 1\r\n\r\n\r\n\r\n"),
    ])
    func cut(content: String, lines: Int, expected: String) {
        for size in [1, 2, 5, 1000] {
            var limit = TopLimit(lines: lines)
            var output = ByteBuffer()
            var rest = buffer(content)
            while rest.readableBytes > 0, !limit.isReached {
                var taken = limit.take(rest.readSlice(length: min(size, rest.readableBytes))!)
                output.writeBuffer(&taken)
            }
            #expect(output == buffer(expected), "pieces of \(size)")
            #expect(limit.take(buffer("more")).readableBytes == (limit.isReached ? 0 : 4))
        }
    }
}
