import IMAPWire
import MailModel
import NIOCore
import Testing

@Suite struct AppendTests {
    private func bytes(_ text: String) -> CommandEvent { .appendBytes(ByteBuffer(string: text)) }
    private let saved = MailboxName(path: "saved-messages")

    @Test func oneMessage() {
        // RFC 9051 §6.3.12.
        expectEvents(
            "A003 APPEND saved-messages (\\Seen) {11}\r\nhello\r\nyou\n\r\n",
            [
                .appendBegan(tag: "A003", saved, AppendMessage(flags: MessageFlags(.seen), size: 11)),
                bytes("hello\r\nyou\n"), .appendEnded,
            ])
        let date = DateTime(
            CalendarDate(year: 1996, month: 7, day: 17)!, hour: 2, minute: 44, second: 25, zoneMinutes: -420)
        expectEvents(
            "a1 append saved-messages ($Junk) \"17-Jul-1996 02:44:25 -0700\" ~{3+}\r\na\0b\r\n",
            [
                .appendBegan(
                    tag: "a1", saved,
                    AppendMessage(
                        flags: MessageFlags(keywords: [.junk]), date: date, size: 3, isBinary: true,
                        isSynchronizing: false)),
                bytes("a\0b"), .appendEnded,
            ])
    }

    @Test func mailboxAsLiteral() {
        expectEvents(
            "a1 APPEND {14}\r\nsaved-messages {2+}\r\nab\r\n",
            [
                .literalExpected(tag: "a1", .append),
                .appendBegan(tag: "a1", saved, AppendMessage(size: 2, isSynchronizing: false)),
                bytes("ab"), .appendEnded,
            ])
    }

    @Test func severalMessages() {
        expectEvents(
            "a1 APPEND saved-messages {2}\r\nab (\\Draft) {0}\r\n \" 1-Jan-2000 00:00:00 +0000\" {1+}\r\nc\r\n",
            [
                .appendBegan(tag: "a1", saved, AppendMessage(size: 2)), bytes("ab"),
                .appendNext(AppendMessage(flags: MessageFlags(.draft), size: 0)),
                .appendNext(
                    AppendMessage(date: DateTime(Timestamp(seconds: 946_684_800)), size: 1, isSynchronizing: false)),
                bytes("c"), .appendEnded,
            ])
    }

    @Test func failures() {
        func failure(_ reason: SyntaxError) -> CommandEvent { .failure(SyntaxFailure(tag: "a1", reason: reason)) }
        expectEvents("a1 APPEND x\r\n", [failure(.missingArgument)])
        expectEvents("a1 APPEND x (\\Foo) {3}\r\n", [failure(.invalidFlag)])
        expectEvents("a1 APPEND x (\\Foo) {3+}\r\nabc {2+}\r\nde\r\n", [failure(.invalidFlag)])
        expectEvents("a1 APPEND x \"1-Foo-2000 00:00:00 +0000\" {3+}\r\nabc\r\n", [failure(.invalidDate)])
        expectEvents("a1 APPEND x UTF8 (~{3+}\r\nabc)\r\n", [failure(.invalidArgument)])
        expectEvents(
            "a1 APPEND saved-messages {2+}\r\nabcd\r\n",
            [
                .appendBegan(tag: "a1", saved, AppendMessage(size: 2, isSynchronizing: false)), bytes("ab"),
                failure(.unexpectedArgument),
            ])
    }

    @Test(arguments: [0, 1, 5]) func refused(pieces: Int) {
        func run(_ text: String) -> [CommandEvent] {
            var parser = CommandParser()
            var buffer = ByteBuffer()
            var events: [CommandEvent] = []
            let all = Array(text.utf8)
            for start in stride(from: 0, to: all.count, by: pieces == 0 ? all.count : pieces) {
                buffer.writeBytes(all[start..<min(start + (pieces == 0 ? all.count : pieces), all.count)])
                while let event = parser.next(&buffer) {
                    events.append(event)
                    switch event {
                    case .appendBegan, .appendNext: parser.refuseAppend()
                    default: break
                    }
                }
            }
            return events
        }
        let noop = CommandEvent.command(tag: "a2", .noop)
        #expect(
            run("a1 APPEND saved-messages {2}\r\na2 NOOP\r\n") == [
                .appendBegan(tag: "a1", saved, AppendMessage(size: 2)), noop,
            ])
        #expect(
            run("a1 APPEND saved-messages {4+}\r\n\r\na  {3+}\r\nabc\r\na2 NOOP\r\n") == [
                .appendBegan(tag: "a1", saved, AppendMessage(size: 4, isSynchronizing: false)), noop,
            ])
    }
}
