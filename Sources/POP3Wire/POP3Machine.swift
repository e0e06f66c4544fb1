import Bytes
import MailModel
package import NIOCore

/// The server's side of a POP3 session without I/O and clock: bytes in, `POP3Action`s out.
///
/// The states are those of RFC 1939 §3, and one for the lines of an AUTH exchange:
///
///     authorization ──AUTH──▶ authenticating ──▶ authorization or transaction
///     authorization ──PASS──▶ transaction ──QUIT──▶ ended (the UPDATE state is the session's last action)
///
/// Everything that needs no store is answered here: syntax and state errors, STAT, LIST of one message, DELE, RSET, NOOP.
/// The session performs one action after the other and asks again; nothing is read ahead of an unfinished command, so
/// pipelined commands cost no memory but the buffer they came in.
package struct POP3Machine: ~Copyable, Sendable {
    /// Limits on what one client may try.
    package struct Limits: Hashable, Sendable {
        /// Failed logins on one connection.
        package var failedLogins = 5
        /// Lines in a row that are no valid commands.
        package var consecutiveErrors = 20

        package init() {}
    }

    private enum State {
        case authorization
        case authenticating
        case transaction
        case ended
    }

    /// What is offered now; also decides what is allowed. The session sets it at the start, after TLS and after login.
    package var capabilities: POP3Capabilities
    /// The messages, once logged in.
    package private(set) var maildrop = POP3Maildrop(sizes: [], ids: [])
    /// Whether the client said UTF8 (RFC 6856 §2.1).
    package private(set) var isUTF8 = false

    private let limits: Limits
    private var state = State.authorization
    private var reader = POP3LineReader()
    private var user: String?
    private var failedLogins = 0
    private var consecutiveErrors = 0

    package init(capabilities: POP3Capabilities, limits: Limits = Limits()) {
        self.capabilities = capabilities
        self.limits = limits
    }

    package var isLoggedIn: Bool { if case .transaction = state { true } else { false } }

    // MARK: Input

    /// Takes the next line from `input`.
    package mutating func next(from input: inout ByteBuffer) -> POP3Action {
        switch state {
        case .ended:
            return .needInput
        case .authenticating:
            switch reader.next(from: &input, isAuthenticating: true) {
            case .incomplete: return .needInput
            case .tooLong: return abandon(.error(POP3SyntaxError.lineTooLong))
            case .endless: return end()
            case .line(let line): return receiveResponse(line)
            }
        case .authorization, .transaction:
            switch reader.next(from: &input, isAuthenticating: false) {
            case .incomplete: return .needInput
            case .tooLong: return refuse(.lineTooLong)
            case .endless: return end()
            case .line(let line):
                switch POP3CommandParser.parse(line) {
                case .failure(let failure): return refuse(failure)
                case .success(let command): return receive(command)
                }
            }
        }
    }

    // MARK: Outcomes of actions

    /// The client must answer a challenge.
    package mutating func awaitResponse() {
        if case .authorization = state { state = .authenticating }
    }

    /// The client is who it says, and has the maildrop to itself.
    package mutating func loggedIn(_ maildrop: POP3Maildrop, expiry: POP3Expiry) {
        state = .transaction
        user = nil
        self.maildrop = maildrop
        capabilities.expiry = expiry
        capabilities.expiryDependsOnUser = false
        // RFC 2595 §4: STLS is announced where it is permitted.
        capabilities.offersTLS = false
    }

    /// Back to the start (RFC 5034 §4: as if no AUTH had been issued). True if this was one failure too many: close.
    /// `isClientsFault` is false where the maildrop is locked or the server has trouble; that may be tried again freely.
    package mutating func loginFailed(isClientsFault: Bool = true) -> Bool {
        state = .authorization
        user = nil
        guard isClientsFault else { return false }
        failedLogins += 1
        guard failedLogins >= limits.failedLogins else { return false }
        state = .ended
        return true
    }

    /// The channel is encrypted now; what was said before does not count (RFC 2595 §4).
    package mutating func tlsStarted(_ capabilities: POP3Capabilities) {
        self.capabilities = capabilities
        user = nil
        reader = POP3LineReader()
    }

    /// The message went out whole.
    package mutating func markRetrieved(_ index: Int) { maildrop.markRetrieved(index) }

    /// Unique ids other than the default became known.
    package mutating func resolve(_ range: Range<Int>, uniqueIDs: [String?]) {
        maildrop.resolve(range, uniqueIDs: uniqueIDs)
    }

    // MARK: Commands

    private mutating func receive(_ command: POP3Command) -> POP3Action {
        let keyword = command.keyword
        let isLoggedIn = isLoggedIn
        let now: POP3States = isLoggedIn ? .transaction : .authorization
        guard POP3CommandRule.rule(for: keyword).states.contains(now) else {
            return refuse(isLoggedIn ? "You are logged in already." : "Log in first.")
        }
        switch command {
        case .unsupported(let keyword):
            return refuse("\(keyword.rawValue) is not supported.")
        case .capa:
            return accept(.capabilities)
        case .quit:
            state = .ended
            return isLoggedIn ? .update : .close(.ok("Goodbye."))
        case .user, .pass, .auth, .stls, .utf8:
            return receiveBeforeLogin(command)
        case .stat, .list, .uidl, .retr, .top, .dele, .rset, .noop:
            return receiveLoggedIn(command)
        }
    }

    private mutating func receiveBeforeLogin(_ command: POP3Command) -> POP3Action {
        switch command {
        case .user(let name):
            // RFC 2595 §2.2: no password in clear where TLS is to be had.
            guard capabilities.offersUser else { return refuse("Start TLS before you log in with a password.") }
            user = name
            return accept(.reply(.ok("Send the password.")))
        case .pass(let password):
            guard let user else { return refuse("Send USER first.") }
            return accept(.login(user: user, password: password))
        case .auth(nil, _):
            return accept(.mechanisms)
        case .auth(let name?, let initialResponse):
            user = nil
            let mechanism = name.uppercased()
            guard capabilities.mechanisms.contains(mechanism) else {
                return refuse("This mechanism is not offered here.")
            }
            return accept(.authenticate(mechanism: mechanism, initialResponse: initialResponse))
        case .stls:
            guard capabilities.offersTLS else { return refuse("TLS is active already or not available.") }
            // RFC 6856 §2.1: no STLS after UTF8.
            guard !isUTF8 else { return refuse("STLS must come before UTF8.") }
            return accept(.startTLS(.ok("Begin TLS now.")))
        case .utf8:
            isUTF8 = true
            return accept(.reply(.ok("UTF-8 mode.")))
        default:
            return refuse(.unknownCommand)
        }
    }

    private mutating func receiveLoggedIn(_ command: POP3Command) -> POP3Action {
        switch command {
        case .stat:
            let (count, octets) = maildrop.statistics
            return accept(.reply(.ok("\(count) \(octets)")))
        case .noop:
            return accept(.reply(.ok("")))
        case .rset:
            maildrop.reset()
            let (count, octets) = maildrop.statistics
            return accept(.reply(.ok("\(count) messages (\(octets) octets)")))
        case .list(nil):
            return accept(.list(POP3Listing(.sizes)))
        case .uidl(nil):
            return accept(.list(POP3Listing(.uniqueIDs)))
        case .list(let number?):
            return withMessage(number) { index, maildrop in
                .reply(.ok("\(number) \(maildrop.sizes[index])"))
            }
        case .uidl(let number?):
            return withMessage(number) { index, _ in .uniqueID(index) }
        case .retr(let number):
            return withMessage(number) { index, _ in .retrieve(index: index, lines: nil) }
        case .top(let number, let lines):
            return withMessage(number) { index, _ in .retrieve(index: index, lines: lines) }
        case .dele(let number):
            return withMessage(number) { index, maildrop in
                maildrop.delete(index)
                return .reply(.ok("Message \(number) deleted."))
            }
        default:
            return refuse(.unknownCommand)
        }
    }

    private mutating func withMessage(
        _ number: Int, _ body: (Int, inout POP3Maildrop) -> POP3Action
    ) -> POP3Action {
        // A wrong number is no protocol error: a client may well ask for what it has deleted.
        guard let index = maildrop.index(of: number) else { return accept(.reply(.error("No such message."))) }
        return accept(body(index, &maildrop))
    }

    private mutating func receiveResponse(_ line: ByteBuffer) -> POP3Action {
        // RFC 5034 §4: a line with a single "*" cancels.
        if line.readableBytesView.elementsEqual("*".utf8) { return abandon(.error("Authentication cancelled.")) }
        guard let response = Base64.decode(line.readableBytesView) else {
            return abandon(.error(POP3SyntaxError.badBase64))
        }
        state = .authorization
        return .response(Secret(response))
    }

    // MARK: Counting errors

    private mutating func accept(_ action: POP3Action) -> POP3Action {
        consecutiveErrors = 0
        return action
    }

    private mutating func refuse(_ failure: POP3SyntaxError) -> POP3Action { refuse("\(failure.text)") }

    private mutating func refuse(_ text: String) -> POP3Action {
        consecutiveErrors += 1
        guard consecutiveErrors >= limits.consecutiveErrors else { return .reply(.error(text)) }
        state = .ended
        return .close(.error("Too many errors."))
    }

    private mutating func end() -> POP3Action {
        state = .ended
        return .close(.error("Line without end."))
    }

    private mutating func abandon(_ reply: POP3Reply) -> POP3Action {
        state = .authorization
        consecutiveErrors += 1
        guard consecutiveErrors >= limits.consecutiveErrors else { return .abandonExchange(reply) }
        state = .ended
        return .close(.error("Too many errors."))
    }
}
