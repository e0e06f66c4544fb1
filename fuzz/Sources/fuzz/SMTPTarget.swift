import NIOCore
import SMTPWire

/// A client's side of a session: each line as a command, then the whole through the session machine, at once and in pieces.
enum SMTPTarget {
    static func run(_ bytes: [UInt8]) {
        for line in bytes.split(separator: 0x0A) {
            for allowsUTF8 in [false, true] { parse(ByteBuffer(bytes: line), allowsUTF8) }
            _ = try? CommandParser.authenticationResponse(ByteBuffer(bytes: line))
        }
        let open = SessionRules(offersTLS: true, messageLimit: 200, errorLimit: 5, idleLimit: 20)
        let submission = SessionRules(
            offersTLS: true, demandsTLS: true, offersAuthentication: true, demandsAuthentication: true,
            messageLimit: 1 << 20)
        for rules in [open, submission] {
            let whole = transcript([ByteBuffer(bytes: bytes)], rules)
            expect(transcript(Pieces.cut(bytes), rules) == whole, "in pieces, a session goes another way")
        }
    }

    private static func parse(_ line: ByteBuffer, _ allowsUTF8: Bool) {
        do throws(CommandError) {
            _ = try CommandParser.parse(line, allowsUTF8: allowsUTF8).verb
        } catch {
            check(error.reply)
        }
    }

    private static func check(_ reply: Reply) {
        var output = ByteBuffer()
        output.write(reply)
        let text = output.readableBytesView
        expect(text.suffix(2).elementsEqual([0x0D, 0x0A]), "a reply does not end its line")
        let lineEnds = text.count { $0 == 0x0A }
        expect(lineEnds == text.count { $0 == 0x0D } && lineEnds == 1, "a client's bytes break a reply's line")
    }

    /// What the machine made of the bytes. Content counts only if it may be delivered: how much of a defective message is
    /// handed out before the defect is seen depends on the reads.
    private enum Entry: Equatable {
        case step(SessionStep)
        case message([UInt8])
        case defect
    }

    private static func transcript(_ pieces: [ByteBuffer], _ rules: SessionRules) -> [Entry] {
        var machine = SessionMachine(rules: rules)
        var entries: [Entry] = []
        var content: [UInt8] = []
        var attempts = 0
        feed(pieces) { input in
            guard let step = machine.next(from: &input) else { return false }
            switch step {
            case .piece(let piece):
                content.append(contentsOf: piece.readableBytesView)
                return true
            case .endOfMessage(let defect):
                entries.append(defect == nil ? .message(content) : .defect)
                expect(defect != nil || content.count <= rules.messageLimit, "a message above the limit")
                content = []
                machine.transactionEnded(accepted: defect == nil)
                return true
            case .endOfChunk(_, let defect):
                if defect != nil { machine.chunkRefused() }
                entries.append(defect == nil ? .message(content) : .defect)
                return true
            case .reply(let reply), .close(let reply), .authenticationAborted(let reply):
                check(reply)
            case .authenticationResponse:
                attempts += 1
                if attempts % 3 == 0 {
                    machine.authenticationContinues()
                } else {
                    machine.authenticationEnded(accepted: attempts % 2 == 0)
                }
            case .command(let command):
                answer(command, &machine, &content)
            }
            entries.append(.step(step))
            return true
        }
        return entries
    }

    private static func answer(_ command: Command, _ machine: inout SessionMachine, _ content: inout [UInt8]) {
        switch command {
        case .mail(_, let parameters): machine.mailAccepted(parameters)
        case .recipient(_, let parameters):
            if parameters.notify == nil { machine.recipientAccepted() } else { machine.failureCounted() }
        case .data: machine.contentBegan()
        case .startTLS: machine.tlsBegan()
        case .authenticate(let command):
            if command.initialResponse == nil {
                machine.authenticationContinues()
            } else {
                machine.authenticationEnded(accepted: true)
            }
        case .reset, .hello, .extendedHello: content = []
        default: break
        }
    }
}
