import SASLMechanisms
import Testing

@Suite struct PasswordMechanismTests {
    private func plain(_ message: String) -> SASLStep {
        var exchange = SASLServerExchange(.plain, channelBindings: [], nonce: "X")
        return exchange.start(initialResponse: bytes(message))
    }

    private func password(_ name: String, _ password: String, for other: String? = nil) -> SASLStep {
        .verifyPassword(
            SASLPassword(identity: SASLIdentity(authenticationID: name, authorizationID: other), password: password))
    }

    /// RFC 4616 §4.
    @Test func plainExamples() {
        #expect(plain("\u{0}tim\u{0}tanstaaftanstaaf") == password("tim", "tanstaaftanstaaf"))
        #expect(plain("Ursel\u{0}Kurt\u{0}xipj3plmq") == password("Kurt", "xipj3plmq", for: "Ursel"))
        #expect(plain("tim\u{0}tim\u{0}x") == password("tim", "x"))
    }

    @Test(arguments: ["", "\u{0}", "tim", "\u{0}tim", "\u{0}tim\u{0}a\u{0}b", "\u{0}\u{0}\u{0}"])
    func malformedPlain(message: String) {
        #expect(plain(message) == .failure(.malformed))
    }

    @Test func badTextInPlain() {
        #expect(plain("\u{0}\u{0}secret") == .failure(.invalidCredentialText))
        #expect(plain("\u{0}tim\u{0}") == .failure(.invalidCredentialText))
        #expect(plain("\u{0}tim\u{0}a\u{7F}") == .failure(.invalidCredentialText))
        var exchange = SASLServerExchange(.plain, channelBindings: [], nonce: "X")
        #expect(exchange.start(initialResponse: [0, 0x74, 0, 0xFF]) == .failure(.invalidCredentialText))
    }

    @Test func plainWithoutInitialResponse() {
        var exchange = SASLServerExchange(.plain, channelBindings: [], nonce: "X")
        #expect(exchange.start(initialResponse: nil) == .challenge([]))
        #expect(exchange.respond(bytes("\u{0}tim\u{0}secret")) == password("tim", "secret"))
        #expect(exchange.respond(bytes("\u{0}tim\u{0}secret")) == .failure(.outOfOrder))
    }

    @Test func loginPrompts() {
        var exchange = SASLServerExchange(.login, channelBindings: [], nonce: "X")
        #expect(exchange.start(initialResponse: nil) == challenge("Username:"))
        #expect(exchange.respond(bytes("tim")) == challenge("Password:"))
        #expect(exchange.respond(bytes("secret")) == password("tim", "secret"))
    }

    @Test func loginWithInitialResponse() {
        var exchange = SASLServerExchange(.login, channelBindings: [], nonce: "X")
        #expect(exchange.start(initialResponse: bytes("tim")) == challenge("Password:"))
        #expect(exchange.respond(bytes("")) == .failure(.invalidCredentialText))
    }

    @Test func nothingBeforeStartAndNoSecondStart() {
        var exchange = SASLServerExchange(.plain, channelBindings: [], nonce: "X")
        #expect(exchange.respond([]) == .failure(.outOfOrder))
        #expect(exchange.start(initialResponse: nil) == .failure(.outOfOrder))
    }

    @Test func whatIsOffered() {
        let binding = SASLChannelBinding(name: "tls-exporter", bytes: [1])
        #expect(SASLMechanism.offered(passwordsAllowed: false, channelBindings: []) == [.scramSHA256])
        #expect(
            SASLMechanism.offered(passwordsAllowed: true, channelBindings: [binding])
                == [.scramSHA256Plus, .scramSHA256, .plain, .login])
        #expect(SASLMechanism(name: "scram-sha-256-Plus") == .scramSHA256Plus)
        #expect(SASLMechanism(name: "CRAM-MD5") == nil)
    }

    @Test func passwordsStayOutOfDescriptions() {
        let secret = SASLPassword(identity: SASLIdentity(authenticationID: "tim"), password: "tanstaaf")
        #expect(!"\(secret)".contains("tanstaaf"))
    }
}
