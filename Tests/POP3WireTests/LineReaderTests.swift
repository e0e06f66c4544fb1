import NIOCore
import POP3Wire
import Testing

@Suite struct LineReaderTests {
    @Test func incompleteLeavesTheBuffer() {
        var reader = POP3LineReader()
        var input = buffer("NOOP\r")
        #expect(reader.next(from: &input, isAuthenticating: false) == .incomplete)
        #expect(input == buffer("NOOP\r"))
        input.writeString("\nQUIT\n")
        #expect(reader.next(from: &input, isAuthenticating: false) == .line(buffer("NOOP")))
        #expect(reader.next(from: &input, isAuthenticating: false) == .line(buffer("QUIT")))
        #expect(reader.next(from: &input, isAuthenticating: false) == .incomplete)
    }

    /// RFC 2449 §4: 255 octets with the CRLF.
    @Test func theLongestCommand() {
        var reader = POP3LineReader()
        let longest = "PASS " + String(repeating: "x", count: 248)
        var input = buffer(longest + "\r\n" + longest + "x\r\nNOOP\r\n")
        #expect(reader.next(from: &input, isAuthenticating: false) == .line(buffer(longest)))
        #expect(reader.next(from: &input, isAuthenticating: false) == .tooLong)
        #expect(reader.next(from: &input, isAuthenticating: false) == .line(buffer("NOOP")))
    }

    @Test func anEndlessLineIsNotKept() {
        var reader = POP3LineReader()
        var input = buffer(String(repeating: "x", count: 300))
        #expect(reader.next(from: &input, isAuthenticating: false) == .tooLong)
        for _ in 0..<10 {
            #expect(reader.next(from: &input, isAuthenticating: false) == .incomplete)
            #expect(input.readableBytes == 0)
            input.writeString(String(repeating: "x", count: 10_000))
        }
        input.writeString("\r\nNOOP\r\n")
        #expect(reader.next(from: &input, isAuthenticating: false) == .line(buffer("NOOP")))
    }

    @Test func authenticationLinesMayBeLonger() {
        var reader = POP3LineReader()
        let auth = "auth PLAIN " + String(repeating: "A", count: 4000)
        var input = buffer(auth + "\r\n")
        #expect(reader.next(from: &input, isAuthenticating: false) == .line(buffer(auth)))
        let response = String(repeating: "A", count: POP3LineReader.authenticationLimit - 2)
        input = buffer(response + "\r\n" + response + "AAAA\r\n")
        #expect(reader.next(from: &input, isAuthenticating: true) == .line(buffer(response)))
        #expect(reader.next(from: &input, isAuthenticating: true) == .tooLong)
        #expect(reader.next(from: &input, isAuthenticating: true) == .incomplete)
    }
}
