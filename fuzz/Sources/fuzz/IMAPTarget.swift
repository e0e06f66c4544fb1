import IMAPWire
import NIOCore

/// A client's side of a session through parser and machine, at once and in pieces; names go back through the encoder.
enum IMAPTarget {
    static func run(_ bytes: [UInt8]) {
        var tight = ParserLimits()
        tight.line = 200
        tight.literal = 60
        tight.command = 300
        tight.skippedLiteral = 500
        for limits in [ParserLimits(), tight] {
            let whole = transcript([ByteBuffer(bytes: bytes)], limits)
            expect(transcript(Pieces.cut(bytes), limits) == whole, "in pieces, the commands are others")
        }
        if let name = ModifiedUTF7.decode(bytes) {
            expect(ModifiedUTF7.decode(ModifiedUTF7.encode(name)) == name, "modified UTF-7 changes the name \(name)")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        expect(ModifiedUTF7.decode(ModifiedUTF7.encode(text)) == text, "modified UTF-7 loses text")
        write(text)
    }

    private static func transcript(_ pieces: [ByteBuffer], _ limits: ParserLimits) -> [CommandEvent] {
        var parser = CommandParser(limits: limits)
        var machine = SessionMachine(isEncrypted: false, allowsPlaintextPasswords: true)
        var events: [CommandEvent] = []
        var message = ByteBuffer()
        feed(pieces) { input in
            guard let event = parser.next(&input) else { return false }
            if case .appendBytes(var bytes) = event {
                message.writeBuffer(&bytes)
                return true
            }
            if message.readableBytes > 0 {
                events.append(.appendBytes(message))
                message.clear()
            }
            events.append(event)
            switch event {
            case .command(_, let command): run(command, &machine, &parser)
            case .literalExpected(let tag, let kind):
                if case .proceed = machine.admit(kind), tag.utf8.count % 4 != 3 { break }
                parser.refuseLiteral()
            case .appendBegan(let tag, let mailbox, _):
                check(mailbox)
                if tag.utf8.count % 4 == 3 { parser.refuseAppend() }
            case .failure: _ = machine.failed()
            default: break
            }
            return true
        }
        return events
    }

    private static func run(_ command: Command, _ machine: inout SessionMachine, _ parser: inout CommandParser) {
        guard case .proceed = machine.admit(command.kind) else {
            _ = machine.failed()
            return
        }
        machine.succeeded()
        switch command {
        case .login: machine.authenticated()
        case .authenticate(_, nil), .idle: parser.expectLine()
        case .authenticate: machine.authenticated()
        case .startTLS: machine.encrypted()
        case .select(let select):
            check(select.mailbox)
            machine.selected(isReadOnly: select.isReadOnly)
        case .create(let name, _), .delete(let name), .subscribe(let name), .status(let name, _): check(name)
        case .rename(let from, let to):
            check(from)
            check(to)
        case .close, .unselect: machine.unselected()
        case .logout: machine.loggedOut()
        case .fetch(let fetch): check(fetch.messages)
        case .copy(let copy), .move(let copy):
            check(copy.messages)
            check(copy.mailbox)
        case .list(let list):
            for pattern in list.patterns { _ = ListPattern(list.reference + pattern).matches("INBOX/a/b") }
        default: break
        }
    }

    /// What the server calls a mailbox, the client must be able to say.
    private static func check(_ mailbox: MailboxName) {
        guard mailbox.isWellFormed else { return }
        var line = ByteBuffer(string: "a DELETE ")
        line.writeIMAPMailbox(mailbox)
        line.writeString("\r\n")
        var parser = CommandParser()
        let event = parser.next(&line)
        expect(
            event == .command(tag: "a", .delete(mailbox)),
            "the mailbox \(mailbox) comes back as \(String(describing: event))")
    }

    private static func check(_ messages: MessageSet) {
        let ranges = messages.resolved(largest: 1000)
        for (range, next) in zip(ranges, ranges.dropFirst()) {
            expect(range.upperBound < next.lowerBound, "a resolved set is out of order")
        }
    }

    /// Whatever a message contains, a response stays one response.
    private static func write(_ text: String) {
        var output = ByteBuffer()
        output.writeIMAPString(text)
        guard let first = output.readableBytesView.first else { fail("an empty string is written as nothing") }
        if first == 0x22 {
            expect(
                !output.readableBytesView.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 },
                "a quoted string breaks its line")
        }
    }
}
