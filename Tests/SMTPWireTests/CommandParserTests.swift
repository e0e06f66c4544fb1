import MailModel
import NIOCore
import SMTPWire
import Testing

/// Every production of a command line, good and bad.
struct CommandParserTests {
    static func parameters(_ change: (inout MailParameters) -> Void) -> MailParameters {
        var parameters = MailParameters()
        change(&parameters)
        return parameters
    }

    static func parameters(_ change: (inout RecipientParameters) -> Void) -> RecipientParameters {
        var parameters = RecipientParameters()
        change(&parameters)
        return parameters
    }

    static func mailbox(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text)) }

    @Test(arguments: [
        ("EHLO client.example", Command.extendedHello("client.example")),
        ("ehlo [192.0.2.1]", .extendedHello("[192.0.2.1]")),
        ("HELO  x", .hello("x")),
        ("HELO under_score", .hello("under_score")),
        ("DATA", .data),
        ("data  ", .data),
        ("RSET", .reset),
        ("NOOP", .noop),
        ("NOOP what ever", .noop),
        ("QUIT", .quit),
        ("VRFY Smith", .verify("Smith")),
        ("EXPN list", .expand("list")),
        ("HELP", .help("")),
        ("HELP MAIL", .help("MAIL")),
        ("STARTTLS", .startTLS),
        ("BDAT 0", .chunk(size: 0, isLast: false)),
        ("BDAT 86 LAST", .chunk(size: 86, isLast: true)),
        ("bdat 18446744073709551615 last", .chunk(size: .max, isLast: true)),
        ("AUTH PLAIN", .authenticate(AuthenticateCommand(mechanism: "PLAIN", initialResponse: nil))),
        ("AUTH scram-sha-256 =", .authenticate(AuthenticateCommand(mechanism: "SCRAM-SHA-256", initialResponse: []))),
        (
            "AUTH PLAIN AGEAYg==",
            .authenticate(AuthenticateCommand(mechanism: "PLAIN", initialResponse: [0, 97, 0, 98]))
        ),
        ("MAIL FROM:<>", .mail(.null, MailParameters())),
        ("mail from:<> SIZE=0", .mail(.null, parameters { $0.size = 0 })),
        ("RCPT TO:<Postmaster>", .recipient(.postmaster, RecipientParameters())),
    ])
    func accepts(line: String, command: Command) throws {
        #expect(try CommandParser.parse(ByteBuffer(string: line)) == command)
    }

    @Test(arguments: [
        ("MAIL FROM:<a@example.org>", "a@example.org"),
        ("MAIL FROM: <a@example.org>", "a@example.org"),
        ("MAIL FROM:<@one.example,@two.example:joe@three.example>", "joe@three.example"),
        ("MAIL FROM:<\"joe smith\"@example.org>", "\"joe smith\"@example.org"),
        ("MAIL FROM:<\"a\\\"@\\\\b\"@example.org>", "\"a\\\"@\\\\b\"@example.org"),
        ("MAIL FROM:<\"plain\"@example.org>", "plain@example.org"),
        ("MAIL FROM:<a@[192.0.2.7]>", "a@[192.0.2.7]"),
        ("MAIL FROM:<a@[IPv6:2001:db8::1]>", "a@[ipv6:2001:db8::1]"),
        ("MAIL FROM:<d\u{f6}rte@s\u{f6}rensen.example> SMTPUTF8", "d\u{f6}rte@s\u{f6}rensen.example"),
        ("MAIL FROM:<!#$%&'*+-/=?^_`{|}~@example.org>", "!#$%&'*+-/=?^_`{|}~@example.org"),
    ])
    func readsPaths(line: String, address: String) throws {
        guard case .mail(.mailbox(let parsed), _) = try CommandParser.parse(ByteBuffer(string: line)) else {
            Issue.record("not MAIL: \(line)")
            return
        }
        #expect(parsed.description == address)
    }

    @Test(arguments: [
        ("SIZE=1000", parameters { $0.size = 1000 }),
        ("SIZE=99999999999999999999", parameters { $0.size = .max }),
        ("BODY=7BIT", parameters { $0.body = .sevenBit }),
        ("body=8bitmime", parameters { $0.body = .eightBit }),
        ("BODY=BINARYMIME", parameters { $0.body = .binary }),
        ("SMTPUTF8", parameters { $0.isInternationalised = true }),
        ("RET=HDRS", parameters { $0.returnContent = .headers }),
        ("RET=full", parameters { $0.returnContent = .full }),
        ("ENVID=QQ+2B314159", parameters { $0.envelopeID = "QQ+314159" }),
        ("AUTH=<>", parameters { $0.submitter = .unknown }),
        ("AUTH=e+3Dmc2@example.com", parameters { $0.submitter = .mailbox("e=mc2@example.com") }),
        (
            "  SIZE=1   BODY=7BIT ",
            parameters {
                $0.size = 1; $0.body = .sevenBit
            }
        ),
    ])
    func readsMailParameters(text: String, parameters: MailParameters) throws {
        let line = ByteBuffer(string: "MAIL FROM:<> \(text)")
        #expect(try CommandParser.parse(line) == .mail(.null, parameters))
    }

    @Test(arguments: [
        ("NOTIFY=NEVER", parameters { $0.notify = .never }),
        ("NOTIFY=SUCCESS,failure,DELAY", parameters { $0.notify = [.success, .failure, .delay] }),
        (
            "ORCPT=rfc822;Bob+2Bx@Example.com",
            parameters { $0.original = OriginalRecipient(type: "rfc822", address: "Bob+x@Example.com") }
        ),
        (
            "ORCPT=utf-8;d\\x{F6}rte@example.org",
            parameters { $0.original = OriginalRecipient(type: "utf-8", address: "d\u{f6}rte@example.org") }
        ),
        (
            "ORCPT=UTF-8;\u{7528}\u{6237}@example.org",
            parameters { $0.original = OriginalRecipient(type: "utf-8", address: "\u{7528}\u{6237}@example.org") }
        ),
    ])
    func readsRecipientParameters(text: String, parameters: RecipientParameters) throws {
        let line = ByteBuffer(string: "RCPT TO:<postmaster> \(text)")
        #expect(try CommandParser.parse(line, allowsUTF8: true) == .recipient(.postmaster, parameters))
    }

    @Test(arguments: [
        ("", CommandError.unknownCommand),
        (" EHLO x", .unknownCommand),
        ("FOO", .unknownCommand),
        ("STARTTLSX", .unknownCommand),
        ("LHLO x", .unknownCommand),
        ("GET / HTTP/1.1", .foreignProtocol),
        ("EHLO", .syntax),
        ("EHLO a b", .syntax),
        ("EHLO a\u{1}b", .syntax),
        ("DATA now", .unexpectedArgument),
        ("RSET x", .unexpectedArgument),
        ("VRFY", .syntax),
        ("BDAT", .badChunkSize),
        ("BDAT -1", .badChunkSize),
        ("BDAT 1 FIRST", .badChunkSize),
        ("BDAT 1LAST", .badChunkSize),
        ("BDAT 000000000000000000000", .badChunkSize),
        ("AUTH", .syntax),
        ("AUTH PLAIN *", .badBase64),
        ("AUTH PLAIN AGEAYg", .badBase64),
        ("AUTH A-NAME-THAT-IS-TOO-LONG", .syntax),
        ("MAIL", .syntax),
        ("MAIL TO:<a@b>", .syntax),
        ("MAIL FROM:", .badSender),
        ("MAIL FROM:a@example.org", .badSender),
        ("MAIL FROM:<a@example.org", .badSender),
        ("MAIL FROM:<a>", .badSender),
        ("MAIL FROM:<@example.org>", .badSender),
        ("MAIL FROM:<a@>", .badSender),
        ("MAIL FROM:<a..b@example.org>", .badSender),
        ("MAIL FROM:<.a@example.org>", .badSender),
        ("MAIL FROM:<a@example.org.>", .badSender),
        ("MAIL FROM:<a@-example.org>", .badSender),
        ("MAIL FROM:<a@[300.1.1.1]>", .badSender),
        ("MAIL FROM:<a@[IPv6:zz]>", .badSender),
        ("MAIL FROM:<\"a@example.org>", .badSender),
        ("MAIL FROM:<\"a\"b@example.org>", .badSender),
        ("MAIL FROM:<\"\"@example.org>", .badSender),
        ("MAIL FROM:<a b@example.org>", .badSender),
        ("MAIL FROM:<postmaster>", .badSender),
        ("MAIL FROM:<a@example.org>SIZE=1", .syntax),
        ("MAIL FROM:<> =1", .syntax),
        ("MAIL FROM:<> SIZE", .badParameter("SIZE")),
        ("MAIL FROM:<> SIZE=", .badParameter("SIZE")),
        ("MAIL FROM:<> SIZE=1 SIZE=1", .badParameter("SIZE")),
        ("MAIL FROM:<> SIZE=-1", .badParameter("SIZE")),
        ("MAIL FROM:<> SIZE=000000000000000000001", .badParameter("SIZE")),
        ("MAIL FROM:<> BODY=9BIT", .badParameter("BODY")),
        ("MAIL FROM:<> SMTPUTF8=yes", .badParameter("SMTPUTF8")),
        ("MAIL FROM:<> RET=SOME", .badParameter("RET")),
        ("MAIL FROM:<> ENVID=+0", .badParameter("ENVID")),
        ("MAIL FROM:<> ENVID=+0A", .badParameter("ENVID")),
        ("MAIL FROM:<> REQUIRETLS", .unknownParameter("REQUIRETLS")),
        ("MAIL FROM:<d\u{f6}rte@example.org>", .internationalisedSender),
        ("RCPT TO:<>", .badRecipient),
        ("RCPT TO:<a>", .badRecipient),
        ("RCPT TO:<d\u{f6}rte@example.org>", .internationalisedRecipient),
        ("RCPT TO:<postmaster> NOTIFY=NEVER,SUCCESS", .badParameter("NOTIFY")),
        ("RCPT TO:<postmaster> NOTIFY=", .badParameter("NOTIFY")),
        ("RCPT TO:<postmaster> ORCPT=rfc822", .badParameter("ORCPT")),
        ("RCPT TO:<postmaster> ORCPT=;a", .badParameter("ORCPT")),
        ("RCPT TO:<postmaster> ORCPT=rfc822;+0D+0A", .badParameter("ORCPT")),
        ("RCPT TO:<postmaster> ORCPT=utf-8;\\x{D800}", .badParameter("ORCPT")),
        ("RCPT TO:<postmaster> SIZE=1", .unknownParameter("SIZE")),
    ])
    func refuses(line: String, error: CommandError) {
        #expect(throws: error) { try CommandParser.parse(ByteBuffer(string: line)) }
    }

    @Test func refusesLongLocalPart() {
        let line = ByteBuffer(string: "RCPT TO:<\(String(repeating: "a", count: 65))@example.org>")
        #expect(throws: CommandError.localPartTooLong) { try CommandParser.parse(line) }
    }

    @Test func refusesInvalidUTF8() {
        var line = ByteBuffer(string: "MAIL FROM:<")
        line.writeBytes([0xC3, 0x28])
        line.writeString("@example.org> SMTPUTF8")
        #expect(throws: CommandError.badSender) { try CommandParser.parse(line) }
    }

    @Test func unknownParametersAre555() {
        #expect(CommandError.unknownParameter("X").reply.code == .parametersNotRecognised)
    }

    @Test func readsAuthenticationResponses() throws {
        #expect(try CommandParser.authenticationResponse(ByteBuffer(string: "YWI=")) == [97, 98])
        #expect(try CommandParser.authenticationResponse(ByteBuffer(string: "")) == [])
        #expect(try CommandParser.authenticationResponse(ByteBuffer(string: "*")) == nil)
        #expect(throws: CommandError.badBase64) { try CommandParser.authenticationResponse(ByteBuffer(string: "Y")) }
    }
}
