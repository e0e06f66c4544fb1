import MailModel
import NIOCore
import POP3Wire
import Testing

@Suite struct CommandParserTests {
    @Test(arguments: [
        ("USER mrose", POP3Command.user("mrose")),
        ("user two words", .user("two words")),
        ("USER жанна@example.test", .user("жанна@example.test")),
        ("PASS  a b ", .pass(Secret(" a b "))),
        ("CAPA", .capa), ("capa ", .capa), ("STAT", .stat), ("NooP", .noop), ("RSET", .rset), ("QUIT", .quit),
        ("STLS", .stls), ("UTF8", .utf8),
        ("LIST", .list(nil)), ("LIST 2", .list(2)), ("UIDL", .uidl(nil)), ("UIDL  7", .uidl(7)),
        ("RETR 1", .retr(1)), ("DELE 0", .dele(0)), ("TOP 1 0", .top(1, lines: 0)), ("TOP 1 10", .top(1, lines: 10)),
        ("RETR 999999999999999999", .retr(999_999_999_999_999_999)),
        ("AUTH", .auth(mechanism: nil, initialResponse: nil)),
        ("AUTH plain", .auth(mechanism: "plain", initialResponse: nil)),
        ("AUTH PLAIN =", .auth(mechanism: "PLAIN", initialResponse: Secret([]))),
        (
            "AUTH PLAIN AHRpbQBzZWNyZXQ=",
            .auth(mechanism: "PLAIN", initialResponse: Secret(Array("\u{0}tim\u{0}secret".utf8)))
        ),
        ("APOP mrose c4c9334bac560ecc979e58001b3e22fb", .unsupported(.apop)),
        ("LANG *", .unsupported(.lang)), ("LANG", .unsupported(.lang)),
    ])
    func commands(line: String, command: POP3Command) {
        #expect(POP3CommandParser.parse(buffer(line)) == .success(command))
    }

    @Test(arguments: [
        ("", POP3SyntaxError.unknownCommand), (" STAT", .unknownCommand), ("XTND", .unknownCommand),
        ("STATS", .unknownCommand), ("RE", .unknownCommand), ("RETR1", .unknownCommand),
        ("USER", .missingArgument), ("PASS", .missingArgument), ("USER ", .missingArgument),
        ("RETR", .missingArgument), ("TOP 1", .missingArgument), ("DELE ", .missingArgument),
        ("STAT 1", .unexpectedArgument), ("LIST 1 2", .unexpectedArgument), ("TOP 1 2 3", .unexpectedArgument),
        ("AUTH PLAIN a b", .unexpectedArgument),
        ("RETR x", .badNumber), ("RETR -1", .badNumber), ("LIST 1x", .badNumber), ("TOP 1 +2", .badNumber),
        ("RETR 9999999999999999999999999999", .badNumber),
        ("AUTH PLAIN AAA", .badBase64), ("AUTH PLAIN =AAA", .badBase64), ("AUTH PLAIN ===", .badBase64),
        ("STAT\u{0}", .badText), ("USER a\u{7}", .badText), ("PASS a\rb", .badText), ("NOOP\t", .badText),
    ])
    func refusals(line: String, failure: POP3SyntaxError) {
        #expect(POP3CommandParser.parse(buffer(line)) == .failure(failure))
    }

    @Test func bytesThatAreNoUTF8() {
        #expect(POP3CommandParser.parse(ByteBuffer(bytes: Array("USER ".utf8) + [0xFF])) == .failure(.badText))
        #expect(POP3CommandParser.parse(ByteBuffer(bytes: [0xFF, 0xFE, 0x80, 0x20])) == .failure(.unknownCommand))
    }

    @Test func randomBytesNeverTrap() {
        var generator = SystemRandomNumberGenerator()
        let words = POP3Keyword.allCases.map(\.rawValue) + [" ", "1", "=", "AAAA", "\u{FF}", "*", "999999999999999999"]
        for _ in 0..<5000 {
            let line = (0..<Int.random(in: 0..<5)).map { _ in words.randomElement(using: &generator)! }.joined()
            _ = POP3CommandParser.parse(buffer(line))
        }
    }
}
