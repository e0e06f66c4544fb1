import Accounts
import Delivery
import Logging
import MailModel
import Metrics
import NIOCore
import SMTPWire
import SessionIO

/// One SMTP session, on its connection's event loop.
///
/// The machine says what comes next; this carries it out. Replies gather in `connection.output` and leave in one write
/// when the session next waits for input, so that a pipelined group (RFC 2920 §3.2) costs one write. Message content goes to
/// Delivery piece by piece; nothing is read from the client while a piece is being taken, which holds back a client that is
/// faster than the disk.
final class SMTPSession {
    let service: SMTPService
    let connection: Connection
    var machine: SessionMachine
    var logger: Logger
    var account: AuthenticatedAccount?
    /// Held so that a change of password ends this session.
    var registration: SessionRegistration?
    var transaction: OpenTransaction?
    /// When the content that is coming in began to; nil: none is.
    private var contentStart: NIODeadline?
    /// When the session ends unless a message was taken, as far as it has not been put off by content.
    private var patienceEnd: NIODeadline

    var settings: SMTPSettings { service.settings }
    var peer: Accounts.PeerAddress? { Accounts.PeerAddress(bytes: connection.peer.bytes) }

    init(_ service: SMTPService, _ connection: Connection) {
        self.service = service
        self.connection = connection
        patienceEnd = connection.eventLoop.now + service.settings.sessionTime
        machine = SessionMachine(rules: service.rules, isEncrypted: connection.tls != nil)
        logger = connection.logger
        logger[metadataKey: "service"] = .string(service.kind.rawValue)
        logger[metadataKey: "peer"] = "\(connection.peer)"
        if connection.tls != nil { service.metrics.tlsSessions.increment() }
    }

    /// Runs to the end; the caller closes the connection, which sends the last replies.
    func run() async {
        logger.debug("session begins")
        connection.deadline = patienceEnd
        reply(Reply(.ready, nil, "\(settings.hostname) ESMTP Martlet"))
        var errors = 0
        while let step = await nextStep(), await perform(step) {
            await connection.giveWayIfDue()
            if connection.output.readableBytes >= Self.sliceSize, !(await connection.flush()) { break }
            if machine.errorCount > errors, machine.isErring { await connection.pause(settings.errorDelay) }
            errors = machine.errorCount
        }
        await dropTransaction()
        registration = nil
        logger.debug("session ends", metadata: ["pipelinedImproperly": "\(machine.hasPipelinedImproperly)"])
    }

    /// Answers are handed to the network when so many bytes have gathered.
    private static let sliceSize = 16 << 10

    // MARK: Patience

    /// Content is coming: the pace is watched instead of the time.
    func contentBegins() {
        contentStart = connection.eventLoop.now
        connection.deadline = nil
    }

    func contentEnds() {
        guard let start = contentStart else { return }
        contentStart = nil
        patienceEnd = patienceEnd + (connection.eventLoop.now - start)
        connection.deadline = patienceEnd
    }

    func messageAccepted() {
        patienceEnd = connection.eventLoop.now + settings.sessionTime
        connection.deadline = patienceEnd
    }

    // MARK: Steps

    /// The next step of the machine, after reading as much as it takes; nil when the session is over.
    func nextStep() async -> SessionStep? {
        while true {
            if let step = machine.next(from: &connection.input) { return step }
            switch await connection.fill(within: settings.timeout, midway: machine.isReceivingContent) {
            case .data, .woken: continue
            case .closed: return nil
            case .timedOut:
                service.metrics.timeouts.increment()
                if let end = connection.deadline, end <= connection.eventLoop.now {
                    connection.note("no message for too long", ["limit": "smtp.sessionTime"])
                }
                reply(.timeout)
                return nil
            case .interrupted(.shutdown):
                reply(.shuttingDown)
                return nil
            case .interrupted(.tooSlow):
                reply(.tooSlow)
                return nil
            case .interrupted(.displaced):
                reply(.displaced)
                return nil
            case .interrupted(.revoked(let reason)):
                logger.info("session ended", metadata: ["cause": "\(reason)"])
                reply(Reply(.shuttingDown, .securityPolicy(.transient), "The account has changed; log in again"))
                return nil
            }
        }
    }

    /// Carries out one step. False if the session is over.
    private func perform(_ step: SessionStep) async -> Bool {
        switch step {
        case .command(let command):
            guard await perform(command) else { return false }
            // RFC 2920 §3.2: replies to these must not be buffered, whatever the client has sent after them.
            if CommandRule.rule(for: command.verb)?.endsGroup == true { _ = await connection.flush() }
            return true
        case .reply(let refusal), .authenticationAborted(let refusal):
            reply(refusal)
            // RFC 2920 §3.2: nor replies to unrecognised commands.
            if refusal.code == .syntaxError { _ = await connection.flush() }
            return true
        case .close(let last):
            logger.info("session closed", metadata: ["reply": "\(last.summary)"])
            connection.note(last.text, ["errors": "\(machine.errorCount)"])
            reply(last)
            return false
        // Only the AUTH exchange waits for one.
        case .authenticationResponse: return false
        case .piece(let piece):
            await take(piece)
            return true
        case .endOfMessage(let defect):
            await endMessage(defect)
            return true
        case .endOfChunk(let size, let defect):
            await endChunk(size, defect)
            return true
        }
    }

    private func perform(_ command: Command) async -> Bool {
        service.metrics.count(command.verb)
        switch command {
        case .hello(let name): await hello(name)
        case .extendedHello(let name): await extendedHello(name)
        case .mail(let path, let parameters): await mail(path, parameters)
        case .recipient(let path, let parameters): await recipient(path, parameters)
        case .data: data()
        // The octets follow; the reply comes after them.
        case .chunk: contentBegins()
        case .reset: await reset()
        case .noop: noop()
        case .verify: verify()
        case .expand: expand()
        case .help: help()
        case .startTLS: return await startTLS()
        case .authenticate(let command): return await authenticate(command)
        case .quit:
            await quit()
            return false
        }
        return true
    }

    // MARK: Replies

    func reply(_ reply: Reply) {
        service.metrics.count(reply)
        connection.output.write(reply, allowsUTF8: machine.isInternationalised)
    }
}
