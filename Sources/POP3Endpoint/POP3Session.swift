import Accounts
import Logging
import MailModel
import MailStore
import NIOCore
import POP3Wire
import SASLMechanisms
import SessionIO

/// One connection's conversation: performs the machine's actions one after the other, on the connection's event loop.
///
/// Input is read only when every complete command has been answered, and long answers are flushed in slices, so a
/// session holds one slice of content and one read buffer whatever the client sends.
final class POP3Session {
    /// Answers are handed to the network when so many bytes have gathered.
    static let sliceSize = 32 * 1024

    let service: POP3Service
    let connection: Connection
    var machine: POP3Machine
    var exchange: SASLLogin?
    /// Set between login and the end.
    var maildrop: OpenMaildrop?
    private var registration: SessionRegistration?

    /// Whether the conversation goes on after an action.
    enum Next {
        case more
        case end
    }

    init(_ service: POP3Service, _ connection: Connection) {
        self.service = service
        self.connection = connection
        machine = POP3Machine(capabilities: POP3Capabilities(), limits: service.settings.limits)
        machine.capabilities = capabilities()
    }

    /// Returns when the connection is to be closed. What is left in `connection.output` is still sent.
    func run() async {
        connection.deadline = connection.eventLoop.now + service.settings.loginTimeout
        reply(.ok("\(service.settings.hostName) Martlet POP3 server ready."))
        loop: while true {
            while true {
                let action = machine.next(from: &connection.input)
                if action == .needInput { break }
                guard await perform(action) == .more else { break loop }
                if connection.output.readableBytes >= Self.sliceSize, !(await flushSlice()) { break loop }
                await connection.giveWayIfDue()
            }
            switch await connection.fill(within: service.settings.idleTimeout) {
            case .data, .woken:
                continue
            case .closed:
                connection.logger.info("connection closed by the client", metadata: ["loggedIn": "\(maildrop != nil)"])
                break loop
            case .timedOut:
                // RFC 1939 §3: closed without removing any messages or sending any response.
                connection.logger.info("session timed out")
                break loop
            case .interrupted(.shutdown):
                reply(.error("The server is shutting down.", code: .temporary))
                break loop
            case .interrupted(.tooSlow):
                reply(.error("You send too slowly.", code: .temporary))
                break loop
            case .interrupted(.displaced):
                reply(.error("Too many connections; try again later.", code: .temporary))
                break loop
            case .interrupted(.revoked(let reason)):
                connection.logger.info("session ended by the server", metadata: ["reason": "\(reason)"])
                reply(.error("You may no longer use this session.", code: .authentication))
                break loop
            }
        }
        finish()
    }

    private func perform(_ action: POP3Action) async -> Next {
        switch action {
        case .needInput: return .more
        case .reply(let reply): self.reply(reply)
        case .capabilities: machine.capabilities.write(into: &connection.output)
        case .mechanisms: machine.capabilities.writeMechanisms(into: &connection.output)
        case .list(let listing): return await list(listing)
        case .uniqueID(let index): await uniqueID(of: index)
        case .retrieve(let index, let lines): return await retrieve(index, lines: lines)
        case .login(let user, let password): return await login(user, password.value)
        case .authenticate(let mechanism, let response): return await authenticate(mechanism, response?.value)
        case .response(let response): return await respond(response.value)
        case .abandonExchange(let reply):
            exchange = nil
            self.reply(reply)
        case .startTLS(let reply): return await startTLS(reply)
        case .update:
            reply(await update())
            return .end
        case .close(let reply):
            self.reply(reply)
            return .end
        }
        return .more
    }

    /// Hands a slice to the network, waits while the peer is slow to take it, and lets the event loop's other connections
    /// have their turn. False if the connection is gone.
    func flushSlice() async -> Bool {
        guard await connection.flush() else { return false }
        await connection.giveWay()
        return true
    }

    func reply(_ reply: POP3Reply) { reply.write(into: &connection.output) }

    /// Ends with the session.
    func hold(_ maildrop: OpenMaildrop, _ registration: SessionRegistration) {
        self.maildrop = maildrop
        self.registration = registration
    }

    /// Lets others at the maildrop and forgets the client.
    func finish() {
        exchange = nil
        registration?.release()
        registration = nil
        maildrop?.lock.release()
        maildrop = nil
    }

    // MARK: What is offered

    func capabilities() -> POP3Capabilities {
        let isEncrypted = connection.tls != nil
        let passwordsAllowed = isEncrypted || service.settings.allowsPlaintextAuthentication
        var capabilities = POP3Capabilities()
        capabilities.offersTLS = !isEncrypted && service.tls != nil
        capabilities.offersUser = passwordsAllowed
        capabilities.mechanisms =
            SASLMechanism.offered(passwordsAllowed: passwordsAllowed, channelBindings: channelBindings).map(\.rawValue)
        capabilities.expiry = service.settings.smallestExpiry
        capabilities.expiryDependsOnUser = true
        return capabilities
    }

    var channelBindings: [SASLChannelBinding] {
        (connection.tls?.channelBindings ?? []).map { SASLChannelBinding(name: $0.name, bytes: $0.bytes) }
    }
}
