import MailModel
import NIOCore
import POP3Wire
import Testing

@Suite struct MachineTests {
    private func machine(tls: Bool = false, _ change: (inout POP3Machine.Limits) -> Void = { _ in }) -> Session {
        var capabilities = POP3Capabilities()
        capabilities.offersTLS = !tls
        capabilities.offersUser = tls
        capabilities.mechanisms = tls ? ["SCRAM-SHA-256", "PLAIN"] : ["SCRAM-SHA-256"]
        var limits = POP3Machine.Limits()
        change(&limits)
        return Session(capabilities, limits: limits)
    }

    private func loggedIn() -> Session {
        let machine = self.machine(tls: true)
        machine.machine.loggedIn(POP3Maildrop(sizes: [120, 200, 40], ids: [300, 301, 302]), expiry: .never)
        return machine
    }

    private func error(_ text: String) -> POP3Action { .reply(.error(text)) }
    private func ok(_ text: String) -> POP3Action { .reply(.ok(text)) }

    @Test(arguments: [Int.max, 1])
    func passwordsNeedTLS(piece: Int) {
        let machine = self.machine()
        #expect(
            machine.say("USER a\r\nPASS b\r\nAUTH PLAIN\r\nSTLS\r\n", piece: piece) == [
                error("Start TLS before you log in with a password."), error("Send USER first."),
                error("This mechanism is not offered here."), .startTLS(.ok("Begin TLS now.")),
            ])
    }

    @Test(arguments: [Int.max, 1, 7])
    func logIn(piece: Int) {
        let machine = self.machine(tls: true)
        #expect(
            machine.say("CAPA\r\nPASS x\r\nUSER tim\r\nPASS my secret\r\n", piece: piece) == [
                .capabilities, error("Send USER first."), ok("Send the password."),
                .login(user: "tim", password: Secret("my secret")),
            ])
        #expect(!machine.loginFailed())
        #expect(machine.say("PASS again\r\n", piece: piece) == [error("Send USER first.")])
    }

    @Test(arguments: [
        "STAT", "LIST", "UIDL", "RETR 1", "DELE 1", "NOOP", "RSET", "TOP 1 1",
    ])
    func notBeforeLogin(line: String) {
        let machine = self.machine(tls: true)
        #expect(machine.say(line + "\r\n") == [error("Log in first.")])
    }

    @Test(arguments: ["USER a", "PASS a", "AUTH PLAIN", "STLS", "UTF8"])
    func notAfterLogin(line: String) {
        let machine = self.loggedIn()
        #expect(machine.say(line + "\r\n") == [error("You are logged in already.")])
    }

    @Test func knownButNotOffered() {
        let machine = self.machine(tls: true)
        #expect(
            machine.say("APOP a b\r\nLANG\r\nSTLS\r\nXYZ\r\n") == [
                error("APOP is not supported."), error("LANG is not supported."),
                error("TLS is active already or not available."), error("Unknown command."),
            ])
    }

    @Test(arguments: [Int.max, 1])
    func transaction(piece: Int) {
        let machine = self.loggedIn()
        #expect(
            machine.say(
                "STAT\r\nLIST 2\r\nDELE 2\r\nDELE 2\r\nLIST 2\r\nRETR 2\r\nSTAT\r\nUIDL 3\r\nUIDL 4\r\nRETR 0\r\n"
                    + "LIST\r\nUIDL\r\nTOP 1 5\r\nRETR 3\r\nNOOP\r\nRSET\r\nSTAT\r\nDELE 1\r\nQUIT\r\nSTAT\r\n",
                piece: piece) == [
                    ok("3 360"), ok("2 200"), ok("Message 2 deleted."), error("No such message."),
                    error("No such message."), error("No such message."), ok("2 160"), .uniqueID(2),
                    error("No such message."), error("No such message."), .list(POP3Listing(.sizes)),
                    .list(POP3Listing(.uniqueIDs)), .retrieve(index: 0, lines: 5), .retrieve(index: 2, lines: nil),
                    ok(""), ok("3 messages (360 octets)"), ok("3 360"), ok("Message 1 deleted."), .update,
                ])
        machine.machine.markRetrieved(2)
        #expect(machine.maildrop.removals(includingRetrieved: false) == [0])
        #expect(machine.maildrop.removals(includingRetrieved: true) == [0, 2])
    }

    @Test func resetUndeletesOnly() {
        let machine = self.loggedIn()
        machine.machine.markRetrieved(0)
        _ = machine.say("DELE 2\r\nRSET\r\n")
        #expect(machine.maildrop.removals(includingRetrieved: false) == [])
        #expect(machine.maildrop.removals(includingRetrieved: true) == [0])
    }

    @Test(arguments: [Int.max, 1])
    func authentication(piece: Int) {
        let machine = self.machine(tls: true)
        #expect(
            machine.say("AUTH\r\nauth plain\r\n", piece: piece)
                == [.mechanisms, .authenticate(mechanism: "PLAIN", initialResponse: nil)])
        machine.machine.awaitResponse()
        #expect(machine.say("AHQAcw==\r\n", piece: piece) == [.response(Secret(Array("\u{0}t\u{0}s".utf8)))])
        #expect(!machine.loginFailed())
        #expect(
            machine.say("AUTH SCRAM-SHA-256 =\r\n", piece: piece)
                == [.authenticate(mechanism: "SCRAM-SHA-256", initialResponse: Secret([]))])
        machine.machine.awaitResponse()
        #expect(machine.say("\r\n", piece: piece) == [.response(Secret([]))])
        machine.machine.awaitResponse()
        #expect(machine.say("*\r\n", piece: piece) == [.abandonExchange(.error("Authentication cancelled."))])
        machine.machine.awaitResponse()
        #expect(machine.say("A=AA\r\n", piece: piece) == [.abandonExchange(.error("This is not valid base64."))])
        machine.machine.awaitResponse()
        let long = String(repeating: "A", count: POP3LineReader.authenticationLimit)
        #expect(
            machine.say(long + "\r\nQUIT\r\n", piece: piece)
                == [.abandonExchange(.error("The line is too long.")), .close(.ok("Goodbye."))])
    }

    @Test func tooManyFailedLogins() {
        let machine = self.machine(tls: true) { $0.failedLogins = 2 }
        #expect(!machine.loginFailed())
        #expect(machine.loginFailed())
        #expect(machine.say("NOOP\r\n") == [])
    }

    @Test func tooManyErrors() {
        let machine = self.machine { $0.consecutiveErrors = 3 }
        #expect(
            machine.say("A\r\nB\r\nCAPA\r\nA\r\nB\r\nC\r\nCAPA\r\n").last == .close(.error("Too many errors.")))
    }

    @Test func noTLSAfterUTF8AndNoNameAcrossTLS() {
        let machine = self.machine()
        #expect(
            machine.say("UTF8\r\nSTLS\r\n") == [ok("UTF-8 mode."), error("STLS must come before UTF8.")])
        #expect(machine.isUTF8)

        let other = self.machine(tls: true)
        _ = other.say("USER eve\r\n")
        other.machine.tlsStarted(other.machine.capabilities)
        #expect(other.say("PASS x\r\n") == [error("Send USER first.")])
    }

    /// Any bytes in any state: an action for each line, no trap, nothing kept beyond a line.
    @Test func randomInputInEveryState() {
        var generator = SystemRandomNumberGenerator()
        let words =
            POP3Keyword.allCases.map(\.rawValue) + [
                " ", " 1", " 3", " 0", "=", "AAAA", "*", "\r\n", "\n", "\r", "\u{0}", "\u{FF}",
                " 999999999999999999999",
                String(repeating: "y", count: 300),
            ]
        for round in 0..<300 {
            let machine = round % 3 == 0 ? loggedIn() : self.machine(tls: round % 3 == 1)
            for _ in 0..<40 {
                let text = (0..<4).map { _ in words.randomElement(using: &generator) ?? "" }.joined() + "\r\n"
                for action in machine.say(text, piece: .random(in: 1...20, using: &generator)) {
                    switch action {
                    case .authenticate, .response: machine.machine.awaitResponse()
                    case .login: _ = machine.loginFailed()
                    case .retrieve(let index, _): machine.machine.markRetrieved(index)
                    default: break
                    }
                }
            }
            let (count, octets) = machine.maildrop.statistics
            #expect(count >= 0 && octets >= 0)
        }
    }
}
