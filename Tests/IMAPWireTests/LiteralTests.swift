import IMAPWire
import MailModel
import NIOCore
import Testing

@Suite struct LiteralTests {
    private let login = Command.login(user: "smith", password: Secret(Array("se same".utf8)))

    @Test func synchronizing() {
        expectEvents(
            "a1 LOGIN {5}\r\nsmith {7}\r\nse same\r\n",
            [.literalExpected(tag: "a1", .login), .literalExpected(tag: "a1", .login), .command(tag: "a1", login)])
    }

    @Test func nonSynchronizing() {
        expectEvents("a1 LOGIN {5+}\r\nsmith {7+}\r\nse same\r\n", [.command(tag: "a1", login)])
        expectEvents(
            "a1 LOGIN {0+}\r\n {1+}\r\n\n\r\n", [.command(tag: "a1", .login(user: "", password: Secret([10])))])
    }

    @Test func binary() {
        expectEvents(
            "a1 LOGIN smith ~{7+}\r\nse same\r\n", [.failure(SyntaxFailure(tag: "a1", reason: .unexpectedArgument))])
        expectEvents("a1 LOGIN {3+}\r\na\0b x\r\n", [.failure(SyntaxFailure(tag: "a1", reason: .invalidString))])
    }

    @Test func failuresStepOverLiteralsThatComeAnyway() {
        let unknown = CommandEvent.failure(SyntaxFailure(tag: "a1", reason: .unknownCommand))
        expectEvents("a1 XYZZY {5+}\r\na2 NO {4+}\r\n\r\n\r\n foo\r\n", [unknown])
        // The client waits for leave and does not get it.
        expectEvents("a1 XYZZY {5}\r\n", [unknown])
        expectEvents("a1 XYZZY {2+}\r\nab {5}\r\n", [unknown])
        expectEvents("* LOGIN {5+}\r\nsmith x\r\n", [.failure(SyntaxFailure(tag: nil, reason: .missingTag))])
    }

    @Test func sizesAreBounded() {
        var limits = ParserLimits()
        limits.literal = 10
        limits.command = 40
        let tooLarge = CommandEvent.failure(SyntaxFailure(tag: "a1", reason: .literalTooLarge))
        expectEvents("a1 LOGIN {11}\r\n", [tooLarge], limits: limits)
        expectEvents("a1 LOGIN {11+}\r\n12345678901 x\r\n", [tooLarge], limits: limits)
        expectEvents("a1 LOGIN {10+}\r\n1234567890 {10+}\r\n1234567890\r\n", [tooLarge], limits: limits)
        expectEvents(
            "a1 LOGIN {99999999999999999999}\r\n", [.failure(SyntaxFailure(tag: "a1", reason: .invalidNumber))])
        let hopeless = SyntaxFailure(tag: "a1", reason: .literalTooLarge, isFatal: true)
        #expect(events(Array("a1 LOGIN {99999999999999999999+}\r\nz9 NOOP\r\n".utf8)) == [.failure(hopeless)])
        #expect(events(Array("a1 LOGIN {9999999999+}\r\nz9 NOOP\r\n".utf8)) == [.failure(hopeless)])
    }

    @Test(arguments: [0, 1, 100]) func longLinesEndTheConversation(pieces: Int) {
        var limits = ParserLimits()
        limits.line = 100
        let long = Array(("a1 LOGIN " + String(repeating: "x", count: 200) + "\r\nz9 NOOP\r\n").utf8)
        let fatal = SyntaxFailure(tag: "a1", reason: .lineTooLong, isFatal: true)
        #expect(events(long, inPiecesOf: pieces, limits: limits) == [.failure(fatal)])
    }

    @Test func refusedLiterals() {
        var parser = CommandParser()
        var buffer = ByteBuffer(string: "a1 LOGIN smith {7}\r\n")
        #expect(parser.next(&buffer) == .literalExpected(tag: "a1", .login))
        parser.refuseLiteral()
        #expect(parser.isBetweenCommands)
        buffer.writeString("a2 NOOP\r\n")
        #expect(parser.next(&buffer) == .command(tag: "a2", .noop))
    }

    @Test func linesThatAreNoCommands() {
        var parser = CommandParser()
        var buffer = ByteBuffer(string: "a1 AUTHENTICATE PLAIN\r\n* {5+}\r\na2 NOOP\r\n")
        #expect(parser.next(&buffer) == .command(tag: "a1", .authenticate(mechanism: "PLAIN", initialResponse: nil)))
        parser.expectLine()
        #expect(parser.next(&buffer) == .line(ByteBuffer(string: "* {5+}")))
        #expect(parser.next(&buffer) == .command(tag: "a2", .noop))
        parser.expectLine()
        #expect(parser.next(&buffer) == nil)
    }
}
