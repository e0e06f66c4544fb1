import IMAPWire
import MailModel
import Testing

@Suite struct SimpleCommandTests {
    @Test func withoutArguments() {
        expectCommand("CAPABILITY", .capability)
        expectCommand("noop", .noop)
        expectCommand("Logout", .logout)
        expectCommand("STARTTLS", .startTLS)
        expectCommand("NAMESPACE", .namespace)
        expectCommand("IDLE", .idle)
        expectCommand("CHECK", .check)
        expectCommand("CLOSE", .close)
        expectCommand("UNSELECT", .unselect)
        expectCommand("EXPUNGE", .expunge)
        expectCommand("NOOP ", .noop)
        expectFailure("NOOP x", .unexpectedArgument)
        expectFailure("NOOPX", .unknownCommand)
        expectFailure("XYZZY", .unknownCommand)
        expectFailure("UID NOOP", .unknownCommand)
        expectFailure("UID", .missingArgument)
        expectFailure("", .missingCommand)
    }

    @Test func tags() {
        expectEvents("* NOOP\r\n", [.failure(SyntaxFailure(tag: nil, reason: .missingTag))])
        expectEvents("a+b NOOP\r\n", [.failure(SyntaxFailure(tag: nil, reason: .missingTag))])
        expectEvents("\r\n", [.failure(SyntaxFailure(tag: nil, reason: .missingTag))])
        expectEvents("a1\r\n", [.failure(SyntaxFailure(tag: "a1", reason: .missingCommand))])
        expectEvents("A.b-1]\u{21} NOOP\n", [.command(tag: "A.b-1]!", .noop)])
        expectEvents("é NOOP\r\n", [.failure(SyntaxFailure(tag: nil, reason: .missingTag))])
    }

    @Test func id() {
        expectCommand("ID NIL", .id([]))
        expectCommand("ID ()", .id([]))
        expectCommand(
            #"ID ("name" "sodr" "version" "19.34" "vendor" nil)"#,
            .id([
                IDField(name: "name", value: "sodr"), IDField(name: "version", value: "19.34"),
                IDField(name: "vendor", value: nil),
            ]))
        expectFailure(#"ID ("name")"#, .invalidArgument)
        expectFailure("ID", .missingArgument)
    }

    @Test func login() {
        expectCommand("LOGIN SMITH SESAME", .login(user: "SMITH", password: Secret(Array("SESAME".utf8))))
        expectCommand(#"LOGIN "a\"b\\c" "é ""#, .login(user: #"a"b\c"#, password: Secret(Array("é ".utf8))))
        expectCommand(#"LOGIN "" """#, .login(user: "", password: Secret([])))
        expectFailure("LOGIN smith", .missingArgument)
        expectFailure(#"LOGIN "smith x"#, .invalidString)
        expectFailure("LOGIN smith p(w", .unexpectedArgument)
    }

    @Test func authenticate() {
        expectCommand("AUTHENTICATE plain", .authenticate(mechanism: "PLAIN", initialResponse: nil))
        expectCommand("AUTHENTICATE PLAIN =", .authenticate(mechanism: "PLAIN", initialResponse: Secret([])))
        // RFC 4959 §5.
        expectCommand(
            "AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=",
            .authenticate(mechanism: "PLAIN", initialResponse: Secret(Array("test\0test\0test".utf8))))
        expectCommand(
            "AUTHENTICATE SCRAM-SHA-256-PLUS biws",
            .authenticate(mechanism: "SCRAM-SHA-256-PLUS", initialResponse: Secret(Array("n,,".utf8))))
        expectFailure("AUTHENTICATE PLAIN dGVz!", .invalidBase64)
        expectFailure("AUTHENTICATE PLAIN dGV", .invalidBase64)
    }

    @Test func enable() {
        expectCommand("ENABLE CONDSTORE", .enable([.conditionalStore]))
        expectCommand("ENABLE imap4rev2 X-GOOD-IDEA", .enable([.imap4rev2, Capability("X-GOOD-IDEA")]))
        expectFailure("ENABLE", .missingArgument)
    }

    @Test func quota() {
        expectCommand(#"GETQUOTA """#, .getQuota(root: ""))
        expectCommand("GETQUOTAROOT INBOX", .getQuotaRoot(.inbox))
        expectCommand(
            #"SETQUOTA "alice" (STORAGE 512)"#,
            .setQuota(root: "alice", [QuotaLimit(resource: "STORAGE", limit: 512)]))
    }
}
