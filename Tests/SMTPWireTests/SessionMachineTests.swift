import MailModel
import NIOCore
import SMTPWire
import Testing

/// Runs a machine with a session that says yes to everything, and writes down what happens.
struct ScriptedSession: ~Copyable {
    var machine: SessionMachine
    var output = ""
    var messages: [String] = []
    var content = ""
    var isClosed = false
    /// Recipients that are refused.
    var unknown: Set<String> = []

    init(_ rules: SessionRules = SessionRules(), isEncrypted: Bool = false) {
        machine = SessionMachine(rules: rules, isEncrypted: isEncrypted)
    }

    mutating func say(_ reply: Reply) {
        var buffer = ByteBuffer()
        buffer.write(reply)
        output += String(buffer: buffer).replacing("\r\n", with: "\n")
    }

    mutating func feed(_ input: inout ByteBuffer) {
        while let step = machine.next(from: &input) { perform(step, &input) }
    }

    mutating func perform(_ step: SessionStep, _ input: inout ByteBuffer) {
        switch step {
        case .reply(let reply), .authenticationAborted(let reply): say(reply)
        case .close(let reply):
            say(reply)
            isClosed = true
        case .authenticationResponse:
            machine.authenticationEnded(accepted: true)
            say(Reply(.authenticated, .authenticationSucceeded, "OK"))
        case .piece(let piece): content += String(buffer: piece)
        case .endOfMessage(let defect):
            machine.transactionEnded(accepted: defect == nil)
            switch defect {
            case nil:
                messages.append(content)
                say(.ok)
            case .bareLineEnd: say(.bareLineEnd)
            case .tooLarge: say(.messageTooLarge)
            }
            content = ""
        case .endOfChunk(let size, let defect):
            if defect != nil {
                machine.chunkRefused()
                say(.messageTooLarge)
            } else {
                say(Reply(.ok, .ok, "\(size) octets"))
            }
        case .command(let command): perform(command, &input)
        }
    }

    mutating func perform(_ command: Command, _ input: inout ByteBuffer) {
        switch command {
        case .hello: say(Reply(.ok, nil, "host"))
        case .extendedHello(let name): say(.extendedHello(host: "host", client: name, [.pipelining]))
        case .mail(_, let parameters):
            machine.mailAccepted(parameters)
            say(.ok)
        case .recipient(let path, _):
            if let address = path.address, unknown.contains(address.localPart) {
                machine.failureCounted()
                say(Reply(.mailboxUnavailable, .unknownMailbox, "No such user here"))
            } else {
                machine.recipientAccepted()
                say(.ok)
            }
        case .data:
            machine.contentBegan()
            say(.startMail)
        case .chunk: break
        case .quit:
            say(.closing)
            isClosed = true
        case .startTLS:
            say(.readyForTLS)
            input.clear()
            machine.tlsBegan()
        case .authenticate:
            machine.authenticationContinues()
            say(Reply(.challenge, nil, ""))
        default: say(.ok)
        }
    }
}

struct SessionMachineTests {
    /// Runs `text` (LF stands for CRLF) at once and byte by byte, and returns the replies.
    static func run(
        _ text: String, _ rules: SessionRules = SessionRules(), encrypted: Bool = false, unknown: Set<String> = []
    ) -> (output: String, messages: [String], isClosed: Bool) {
        let bytes = Array(text.replacing("\n", with: "\r\n").utf8)
        var atOnce = ScriptedSession(rules, isEncrypted: encrypted)
        atOnce.unknown = unknown
        var input = ByteBuffer(bytes: bytes)
        atOnce.feed(&input)
        var slowly = ScriptedSession(rules, isEncrypted: encrypted)
        slowly.unknown = unknown
        var buffer = ByteBuffer()
        for byte in bytes {
            buffer.writeInteger(byte)
            slowly.feed(&buffer)
        }
        let discardsInput = text.contains("STARTTLS")
        if !discardsInput {
            #expect(atOnce.output == slowly.output, "byte by byte")
            #expect(atOnce.messages == slowly.messages)
            #expect(atOnce.isClosed == slowly.isClosed)
        }
        return (atOnce.output, atOnce.messages, atOnce.isClosed)
    }

    @Test("RFC 5321 D.1: a typical transaction")
    func typical() {
        let result = Self.run(
            """
            EHLO bar.com
            MAIL FROM:<Smith@bar.com>
            RCPT TO:<Jones@foo.com>
            RCPT TO:<Green@foo.com>
            RCPT TO:<Brown@foo.com>
            DATA
            Blah blah blah...
            ...etc. etc. etc.
            .
            QUIT

            """, unknown: ["Green"])
        #expect(
            result.output == """
                250-host greets bar.com
                250 PIPELINING
                250 2.0.0 OK
                250 2.0.0 OK
                550 5.1.1 No such user here
                250 2.0.0 OK
                354 Start mail input; end with <CRLF>.<CRLF>
                250 2.0.0 OK
                221 2.0.0 Bye

                """)
        #expect(result.messages == ["Blah blah blah...\r\n..etc. etc. etc.\r\n"])
        #expect(result.isClosed)
    }

    @Test("RFC 5321 D.2: an aborted transaction")
    func aborted() {
        let result = Self.run(
            """
            EHLO bar.com
            MAIL FROM:<Smith@bar.com>
            RCPT TO:<Jones@foo.com>
            RCPT TO:<Green@foo.com>
            RSET
            QUIT

            """, unknown: ["Green"])
        #expect(result.output.hasSuffix("550 5.1.1 No such user here\n250 2.0.0 OK\n221 2.0.0 Bye\n"))
        #expect(result.messages.isEmpty)
    }

    @Test("RFC 5321 D.3: a relayed mail with a source route")
    func relayed() {
        let result = Self.run(
            """
            EHLO bar.com
            MAIL FROM:<JQP@bar.com>
            RCPT TO:<@foo.com:Jones@XYZ.COM>
            DATA
            Date: Thu, 21 May 1998 05:33:29 -0700
            From: John Q. Public <JQP@bar.com>
            Subject: The Next Meeting of the Board
            To: Jones@xyz.com

            Bill:
            The next meeting of the board of directors will be
            on Tuesday.
            John.
            .
            QUIT

            """)
        #expect(result.messages.count == 1)
        #expect(result.output.hasSuffix("354 Start mail input; end with <CRLF>.<CRLF>\n250 2.0.0 OK\n221 2.0.0 Bye\n"))
    }

    @Test("RFC 5321 D.4: verifying and sending")
    func verifying() {
        let result = Self.run(
            """
            EHLO foo.com
            VRFY Crispin
            MAIL FROM:<EAK@bar.com>
            RCPT TO:<Admin.MRC@foo.com>
            DATA
            Blah blah blah...
            ...etc. etc. etc.
            .
            QUIT

            """)
        #expect(result.messages.count == 1)
    }

    @Test(
        "Order of commands",
        arguments: [
            ("MAIL FROM:<>\n", "503 5.5.1 Say EHLO first\n"),
            ("RCPT TO:<a@b.c>\n", "503 5.5.1 Say EHLO first\n"),
            ("NOOP\nRSET\nHELP\n", "250 2.0.0 OK\n250 2.0.0 OK\n250 2.0.0 OK\n"),
            ("HELO x\nRCPT TO:<a@b.c>\n", "250 host\n503 5.5.1 MAIL first\n"),
            ("HELO x\nDATA\n", "250 host\n503 5.5.1 MAIL first\n"),
            (
                "HELO x\nMAIL FROM:<>\nMAIL FROM:<>\n",
                "250 host\n250 2.0.0 OK\n503 5.5.1 A transaction is open already\n"
            ),
            ("HELO x\nMAIL FROM:<>\nDATA\n", "250 host\n250 2.0.0 OK\n554 5.5.1 No valid recipients\n"),
            (
                "HELO x\nMAIL FROM:<>\nHELO x\nRCPT TO:<a@b.c>\n",
                "250 host\n250 2.0.0 OK\n250 host\n503 5.5.1 MAIL first\n"
            ),
            ("HELO x\nAUTH PLAIN\n", "250 host\n502 5.5.1 Command not implemented\n"),
            ("HELO x\nSTARTTLS\n", "250 host\n502 5.5.1 Command not implemented\n"),
            ("FOO\n", "500 5.5.2 Command not recognised\n"),
        ])
    func order(text: String, output: String) { #expect(Self.run(text).output == output) }

    @Test("RFC 3030: chunks, pipelined, with content that looks like commands")
    func chunks() {
        let result = Self.run(
            "EHLO x\nMAIL FROM:<> BODY=BINARYMIME\nRCPT TO:<a@b.c>\nBDAT 8\nQUIT\n\n"
                + "BDAT 0 LAST\nQUIT\n")
        #expect(
            result.output
                == "250-host greets x\n250 PIPELINING\n250 2.0.0 OK\n250 2.0.0 OK\n250 2.0.0 8 octets\n"
                + "250 2.0.0 OK\n221 2.0.0 Bye\n")
        #expect(result.messages == ["QUIT\r\n\r\n"])
    }

    @Test(
        "The octets of a refused chunk are skipped",
        arguments: [
            ("EHLO x\nBDAT 6 LAST\nQUIT\nNOOP\n", "503 5.5.1 MAIL first\n250 2.0.0 OK\n"),
            ("EHLO x\nMAIL FROM:<>\nBDAT 6\nQUIT\nNOOP\n", "554 5.5.1 No valid recipients\n250 2.0.0 OK\n"),
            ("EHLO x\nMAIL FROM:<>\nBDAT 0\nNOOP\n", "554 5.5.1 No valid recipients\n250 2.0.0 OK\n"),
            (
                "EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.c>\nBDAT 2\n\nDATA\n",
                "250 2.0.0 2 octets\n503 5.5.1 DATA cannot follow BDAT\n"
            ),
            (
                "EHLO x\nMAIL FROM:<> BODY=BINARYMIME\nRCPT TO:<a@b.c>\nDATA\n",
                "250 2.0.0 OK\n503 5.5.1 BINARYMIME needs BDAT\n"
            ),
        ])
    func skippedChunks(text: String, ending: String) { #expect(Self.run(text).output.hasSuffix(ending)) }

    @Test func aChunkWhoseSizeIsUnknownEndsTheSession() {
        let result = Self.run("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.c>\nBDAT ten\nNOOP\n")
        #expect(result.isClosed)
        #expect(result.output.hasSuffix("501 5.5.4 Bad chunk size; closing\n"))
    }

    @Test func chunksOverTheLimitAreRefused() {
        let rules = SessionRules(messageLimit: 10)
        let result = Self.run(
            "EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.c>\nBDAT 8\n123456\nBDAT 8\n123456\nBDAT 8 LAST\n123456\nRSET\nNOOP\n",
            rules)
        #expect(
            result.output.hasSuffix(
                """
                250 2.0.0 8 octets
                552 5.3.4 Message exceeds the size limit
                503 5.5.1 This transaction failed; send RSET
                250 2.0.0 OK
                250 2.0.0 OK

                """))
        #expect(result.messages.isEmpty)
    }

    @Test func bareLineEndsInChunksAreRefusedUnlessBinary() {
        func send(_ parameters: String) -> [String] {
            var session = ScriptedSession()
            var input = ByteBuffer(
                string: "EHLO x\r\nMAIL FROM:<>\(parameters)\r\nRCPT TO:<a@b.c>\r\nBDAT 4 LAST\r\na\nb\r")
            session.feed(&input)
            return session.messages
        }
        #expect(send("") == [])
        #expect(send(" BODY=8BITMIME") == [])
        #expect(send(" BODY=BINARYMIME") == ["a\nb\r"])
    }

    @Test func submissionDemandsTLSAndAuthentication() {
        let rules = SessionRules(
            offersTLS: true, demandsTLS: true, offersAuthentication: true, demandsAuthentication: true)
        let before = Self.run("EHLO x\nMAIL FROM:<>\nAUTH PLAIN\nVRFY x\nRSET\nNOOP\n", rules)
        #expect(
            before.output.hasSuffix(
                """
                530 5.7.0 Must issue a STARTTLS command first
                530 5.7.0 Must issue a STARTTLS command first
                530 5.7.0 Must issue a STARTTLS command first
                530 5.7.0 Must issue a STARTTLS command first
                250 2.0.0 OK

                """))
        let after = Self.run(
            "EHLO x\nMAIL FROM:<>\nAUTH PLAIN\nYQ==\nMAIL FROM:<>\nAUTH PLAIN\n", rules, encrypted: true)
        #expect(
            after.output.hasSuffix(
                """
                530 5.7.0 Authentication required
                334\u{20}
                235 2.7.0 OK
                250 2.0.0 OK
                503 5.5.1 Already authenticated

                """))
    }

    @Test func authenticationCanBeCancelled() {
        let rules = SessionRules(offersAuthentication: true)
        let result = Self.run("EHLO x\nAUTH PLAIN\n*\nAUTH PLAIN\n?\nNOOP\n", rules)
        #expect(
            result.output.hasSuffix(
                """
                334\u{20}
                501 5.7.0 Authentication cancelled
                334\u{20}
                501 5.5.2 Cannot decode base64
                250 2.0.0 OK

                """))
    }

    @Test func authenticationLinesAreBounded() {
        let rules = SessionRules(offersAuthentication: true)
        let long = String(repeating: "YWFh", count: 3000)
        let fits = Self.run("EHLO x\nAUTH PLAIN \(long)\nYQ==\n", rules)
        #expect(fits.output.hasSuffix("334 \n235 2.7.0 OK\n"))
        let result = Self.run("EHLO x\nAUTH PLAIN\n\(long)\(long)\nNOOP\n", rules)
        #expect(
            result.output.hasSuffix("500 5.5.6 Authentication exchange line is too long\n250 2.0.0 OK\n"))
    }

    @Test("RFC 3207 §4.2: all that was said before TLS is forgotten")
    func startTLS() {
        let rules = SessionRules(offersTLS: true)
        var session = ScriptedSession(rules)
        var input = ByteBuffer(string: "EHLO x\r\nSTARTTLS\r\nEHLO injected\r\nMAIL FROM:<>\r\n")
        session.feed(&input)
        #expect(session.output.hasSuffix("220 2.0.0 Ready to start TLS\n"))
        let name = session.machine.clientName
        let pipelined = session.machine.hasPipelinedImproperly
        #expect(name == nil && pipelined)
        var secured = ByteBuffer(string: "MAIL FROM:<>\r\nEHLO x\r\nSTARTTLS\r\n")
        session.feed(&secured)
        #expect(
            session.output.hasSuffix(
                "503 5.5.1 Say EHLO first\n250-host greets x\n250 PIPELINING\n503 5.5.1 TLS is active already\n"))
    }

    @Test func tooManyErrorsEndTheSession() {
        let result = Self.run(String(repeating: "FOO\n", count: 6), SessionRules(errorLimit: 5))
        #expect(result.isClosed)
        #expect(result.output.hasSuffix("421 4.7.0 Too many errors; closing\n"))
        #expect(result.output.split(separator: "\n").count == 6)
    }

    @Test func tooManyIdleCommandsEndTheSession() {
        let result = Self.run(String(repeating: "NOOP\n", count: 6), SessionRules(idleLimit: 5))
        #expect(result.isClosed)
    }

    @Test func tooManyFailedLoginsEndTheSession() {
        var session = ScriptedSession(SessionRules(offersAuthentication: true, authenticationLimit: 2))
        var input = ByteBuffer(string: "EHLO x\r\nAUTH PLAIN\r\n")
        for _ in 0..<2 {
            session.feed(&input)
            session.machine.authenticationEnded(accepted: false)
            input.writeString("AUTH PLAIN\r\n")
        }
        session.feed(&input)
        let isClosed = session.isClosed
        #expect(isClosed)
        #expect(session.output.hasSuffix("421 4.7.0 Too many failed authentications; closing\n"))
    }

    @Test func anotherProtocolEndsTheSession() {
        let result = Self.run("POST / HTTP/1.1\nHost: x\n\nEHLO x\nMAIL FROM:<>\n")
        #expect(result.output == "421 4.7.0 This is a mail server\n")
        #expect(result.isClosed)
    }

    @Test func internationalRecipientsNeedSMTPUTF8() {
        let result = Self.run(
            "EHLO x\nMAIL FROM:<>\nRCPT TO:<d\u{f6}@b.c>\nRSET\nMAIL FROM:<> SMTPUTF8\nRCPT TO:<d\u{f6}@b.c>\n")
        #expect(
            result.output.hasSuffix(
                """
                553 5.6.7 A UTF-8 recipient address needs SMTPUTF8
                250 2.0.0 OK
                250 2.0.0 OK
                250 2.0.0 OK

                """))
    }

    @Test func everyVerbHasExactlyOneRule() {
        for verb in Verb.allCases {
            #expect(CommandRule.table.filter { $0.verb == verb }.count == 1, "\(verb)")
        }
        // RFC 2920 §3.1 names these.
        let last = CommandRule.table.filter(\.endsGroup).map(\.verb.rawValue)
        #expect(Set(last).isSuperset(of: ["EHLO", "DATA", "VRFY", "EXPN", "QUIT", "NOOP"]))
    }
}
