import Bytes
package import NIOCore

/// The server's side of one SMTP session (RFC 5321 §4.1.4), without I/O and without a clock.
///
/// The session pulls: it appends what it has read to a buffer and calls `next(from:)` until it gets nil. Each step is one
/// thing to do. Syntax, order, limits and the framing of content are decided here; what needs a service (is this
/// recipient known? is this password right?) comes out as `.command`, and the session reports the outcome:
///
///     greeted ── EHLO/HELO ──▶ ready ── mailAccepted ──▶ transaction ── contentBegan ──▶ content
///                                ▲  ▲                        │  ▲                           │
///                                │  └──── RSET, EHLO ────────┘  └─── chunk, not the last ───┤
///                                └──────────────── transactionEnded ────────────────────────┘
///
/// RSET, EHLO and HELO have taken effect when they come out; the session has only its own transaction to drop. The octets of
/// a BDAT are framed whether or not the command was in order, since the client sends them without asking.
package struct SessionMachine: ~Copyable {
    private enum State {
        case commands
        /// Between DATA's 354 and the final dot.
        case data(ContentDecoder)
        case chunk(ChunkDecoder, size: UInt64, isLast: Bool)
        /// The octets of a BDAT that is refused with this reply.
        case skippedChunk(ChunkDecoder, Reply)
        case authenticating
        case closed
    }

    private struct Transaction {
        var body: BodyType?
        var isInternationalised: Bool
        var recipients = 0
        /// Whether BDAT was used, after which DATA may not follow (RFC 3030 §3).
        var hasChunks = false
        /// Whether a chunk was refused: only RSET helps (RFC 3030 §2).
        var hasFailed = false
        var octets: UInt64 = 0
        var lineEnds = LineEndCheck()
        var defect: ContentDefect?
    }

    package let rules: SessionRules
    private var state = State.commands
    private var transaction: Transaction?
    private var lines = LineDecoder()
    private var errors = 0
    private var idleCommands = 0
    private var authenticationFailures = 0
    private var messages = 0
    /// Octets of refused content that came after its limit.
    private var excess: UInt64 = 0

    /// Octets beyond the limit of a message that are thrown away before the peer is given up: a client that did not declare
    /// the size learns of the limit only at the end.
    private var excessLimit: UInt64 { max(rules.messageLimit, 64 << 20) }

    /// What the client called itself, unverified; nil before EHLO or HELO.
    package private(set) var clientName: String?
    /// Whether it was EHLO.
    package private(set) var isExtended = false
    package private(set) var isEncrypted: Bool
    package private(set) var isAuthenticated = false
    /// Whether the client sent on when it had to wait for a reply (RFC 2920 §3.1): a mark of bad software.
    package private(set) var hasPipelinedImproperly = false

    /// A new session; `isEncrypted` for a port that begins with TLS.
    package init(rules: SessionRules, isEncrypted: Bool = false) {
        self.rules = rules
        self.isEncrypted = isEncrypted
    }

    /// Whether the client is in the middle of a message: it must keep the pace, and is not waited for as for a command.
    package var isReceivingContent: Bool {
        switch state {
        case .data, .chunk, .skippedChunk: true
        case .commands, .authenticating, .closed: false
        }
    }

    /// Errors since the last message taken.
    package var errorCount: Int { errors }
    /// Half of the errors that end the session: answers may be slow from here on.
    package var isErring: Bool { errors * 2 >= rules.errorLimit }

    /// Whether a transaction is open.
    package var isInTransaction: Bool { transaction != nil }
    /// Whether the open transaction was begun with SMTPUTF8.
    package var isInternationalised: Bool { transaction?.isInternationalised ?? false }

    /// The next step that `input` allows, or nil if more must be read. Consumes what it has dealt with.
    package mutating func next(from input: inout ByteBuffer) -> SessionStep? {
        switch state {
        case .closed:
            input.clear()
            return nil
        case .data(var decoder):
            guard let event = decoder.next(from: &input) else {
                if decoder.count > rules.messageLimit, decoder.count - rules.messageLimit > excessLimit {
                    return close(.endlessMessage)
                }
                state = .data(decoder)
                return nil
            }
            switch event {
            case .piece(let piece):
                state = .data(decoder)
                return .piece(piece)
            case .end(let defect):
                state = .commands
                return .endOfMessage(defect: defect)
            }
        case .chunk(var decoder, let size, let isLast):
            return nextOfChunk(&decoder, size: size, isLast: isLast, from: &input)
        case .skippedChunk(var decoder, let reply):
            while let event = decoder.next(from: &input) {
                guard case .piece(let piece) = event else {
                    state = .commands
                    return refuse(reply)
                }
                if isExcessive(piece) { return close(.endlessMessage) }
            }
            state = .skippedChunk(decoder, reply)
            return nil
        case .authenticating:
            return nextAuthenticationResponse(from: &input)
        case .commands:
            return nextCommand(from: &input)
        }
    }

    // MARK: Outcomes

    /// MAIL was answered with 250.
    package mutating func mailAccepted(_ parameters: MailParameters) {
        transaction = Transaction(body: parameters.body, isInternationalised: parameters.isInternationalised)
    }

    /// RCPT was answered with 250.
    package mutating func recipientAccepted() { transaction?.recipients += 1 }

    /// DATA was answered with 354; what follows is content.
    package mutating func contentBegan() { state = .data(ContentDecoder(limit: rules.messageLimit)) }

    /// A chunk was answered with an error; the transaction can only be reset.
    package mutating func chunkRefused() { transaction?.hasFailed = true }

    /// The message was accepted or refused after its end, or the transaction given up.
    package mutating func transactionEnded(accepted: Bool) {
        transaction = nil
        excess = 0
        guard accepted else { return }
        errors = 0
        idleCommands = 0
        messages += 1
    }

    /// AUTH needs an answer of the client: the next line is one.
    package mutating func authenticationContinues() { state = .authenticating }

    package mutating func authenticationEnded(accepted: Bool) {
        state = .commands
        isAuthenticated = accepted
        idleCommands = 0
        if !accepted {
            errors += 1
            authenticationFailures += 1
        }
    }

    /// TLS is active. All that was learnt before is forgotten (RFC 3207 §4.2).
    package mutating func tlsBegan() {
        isEncrypted = true
        isAuthenticated = false
        isExtended = false
        clientName = nil
        transaction = nil
        lines = LineDecoder()
        state = .commands
    }

    /// A command was refused for a reason that a guessing client meets often, such as an unknown recipient. Who has logged in
    /// is not guessing: their mailing with many dead addresses goes on.
    package mutating func failureCounted() { if !isAuthenticated { errors += 1 } }

    /// The client did what no honest one does, logged in or not.
    package mutating func abuseCounted() { errors += 1 }

    // MARK: Commands

    private mutating func nextCommand(from input: inout ByteBuffer) -> SessionStep? {
        if errors >= rules.errorLimit || idleCommands >= rules.idleLimit { return close(.tooManyErrors) }
        if authenticationFailures >= rules.authenticationLimit { return close(.tooManyAuthenticationFailures) }
        // An AUTH line may be long because of its initial response (RFC 4954 §4).
        let limit =
            input.startsIgnoringASCIICase(with: "AUTH ")
            ? CommandParser.maximumAuthenticationLineLength : CommandParser.maximumLineLength
        let command: Command
        do throws(CommandError) {
            guard let line = try nextLine(from: &input, limit: limit) else { return nil }
            command = try CommandParser.parse(line, allowsUTF8: isInternationalised)
        } catch {
            return error.endsSession ? close(error.reply) : refuse(error.reply)
        }
        if case .chunk(let size, let isLast) = command {
            return beginChunk(command, size: size, isLast: isLast, from: &input)
        }
        if let reply = objection(to: command) { return refuse(reply) }
        if command.verb == .mail, rules.messageCountLimit > 0, messages >= rules.messageCountLimit {
            return close(.tooManyMessages)
        }
        if let rule = CommandRule.rule(for: command.verb) {
            if rule.isIdle { idleCommands += 1 }
            if rule.endsGroup, input.readableBytes > 0 { hasPipelinedImproperly = true }
        }
        apply(command)
        return .command(command)
    }

    private mutating func nextLine(from input: inout ByteBuffer, limit: Int) throws(CommandError) -> ByteBuffer? {
        do {
            return try lines.next(from: &input, limit: limit)
        } catch {
            throw .line(error)
        }
    }

    /// Why `command` is not allowed now; nil if it is.
    private func objection(to command: Command) -> Reply? {
        guard let rule = CommandRule.rule(for: command.verb) else { return .notImplemented }
        if rules.demandsTLS, !isEncrypted, !rule.beforeTLS { return .startTLSFirst }
        switch command {
        case .startTLS where isEncrypted: return .alreadyEncrypted
        case .startTLS where !rules.offersTLS: return .notImplemented
        case .authenticate where !rules.offersAuthentication: return .notImplemented
        case .authenticate where isAuthenticated: return .alreadyAuthenticated
        default: break
        }
        if clientName == nil, !rule.phases.contains(.greeted) { return .helloFirst }
        if rules.demandsAuthentication, !isAuthenticated, !rule.beforeAuthentication { return .authenticationRequired }
        if clientName == nil { return nil }
        guard let transaction else {
            if rule.phases.contains(.ready) { return nil }
            return .mailFirst
        }
        guard rule.phases.contains(.transaction) else {
            return command.verb == .mail ? .transactionOpen : .badSequence
        }
        switch command {
        case .recipient where transaction.hasFailed: return .resetNeeded
        case .recipient where transaction.hasChunks: return .badSequence
        case .data, .chunk:
            if transaction.hasFailed { return .resetNeeded }
            if transaction.recipients == 0 { return .noValidRecipients }
            // RFC 3030 §3: DATA cannot carry BINARYMIME, nor follow BDAT.
            if command == .data, transaction.hasChunks { return .noMixing }
            if command == .data, transaction.body == .binary { return .useChunks }
            return nil
        default: return nil
        }
    }

    /// The effects that do not depend on a service.
    private mutating func apply(_ command: Command) {
        switch command {
        case .hello(let name), .extendedHello(let name):
            // RFC 5321 §4.1.4: EHLO in mid-session resets like RSET.
            clientName = name
            if case .hello = command { isExtended = false } else { isExtended = true }
            transaction = nil
        case .reset:
            transaction = nil
        case .quit:
            state = .closed
        default: break
        }
    }

    private mutating func refuse(_ reply: Reply) -> SessionStep {
        errors += 1
        return .reply(reply)
    }

    private mutating func close(_ reply: Reply) -> SessionStep {
        state = .closed
        return .close(reply)
    }

    // MARK: Chunks

    private mutating func beginChunk(
        _ command: Command, size: UInt64, isLast: Bool, from input: inout ByteBuffer
    ) -> SessionStep? {
        let decoder = ChunkDecoder(size: size)
        if let reply = objection(to: command) {
            state = .skippedChunk(decoder, reply)
            return next(from: &input)
        }
        transaction?.hasChunks = true
        state = .chunk(decoder, size: size, isLast: isLast)
        return .command(command)
    }

    private mutating func nextOfChunk(
        _ decoder: inout ChunkDecoder, size: UInt64, isLast: Bool, from input: inout ByteBuffer
    ) -> SessionStep? {
        while let event = decoder.next(from: &input) {
            switch event {
            case .piece(let piece):
                if let accepted = accepted(piece) {
                    state = .chunk(decoder, size: size, isLast: isLast)
                    return .piece(accepted)
                }
                if isExcessive(piece) { return close(.endlessMessage) }
            case .end:
                state = .commands
                if isLast, transaction?.body != .binary {
                    transaction?.lineEnds.finish()
                    if transaction?.lineEnds.hasBareLineEnd == true { transaction?.defect = .bareLineEnd }
                }
                let defect = transaction?.defect
                return isLast ? .endOfMessage(defect: defect) : .endOfChunk(size: size, defect: defect)
            }
        }
        state = .chunk(decoder, size: size, isLast: isLast)
        return nil
    }

    /// Whether so much has come of what is thrown away that the client must be mad.
    private mutating func isExcessive(_ piece: ByteBuffer) -> Bool {
        excess &+= UInt64(piece.readableBytes)
        return excess > rules.messageLimit &+ excessLimit
    }

    /// `piece`, unless the message is defective already or by it.
    private mutating func accepted(_ piece: ByteBuffer) -> ByteBuffer? {
        guard var open = transaction, open.defect == nil else { return nil }
        transaction = nil
        open.octets &+= UInt64(piece.readableBytes)
        if open.octets > rules.messageLimit { open.defect = .tooLarge }
        if open.body != .binary {
            open.lineEnds.update(piece)
            if open.lineEnds.hasBareLineEnd { open.defect = .bareLineEnd }
        }
        let isAccepted = open.defect == nil
        transaction = open
        return isAccepted ? piece : nil
    }

    // MARK: Authentication

    private mutating func nextAuthenticationResponse(from input: inout ByteBuffer) -> SessionStep? {
        do throws(CommandError) {
            guard let line = try nextLine(from: &input, limit: CommandParser.maximumAuthenticationLineLength) else {
                return nil
            }
            if let response = try CommandParser.authenticationResponse(line) {
                return .authenticationResponse(response)
            }
            state = .commands
            errors += 1
            return .authenticationAborted(.authenticationCancelled)
        } catch {
            state = .commands
            errors += 1
            if error.endsSession { return close(error.reply) }
            let isTooLong = error == .line(.tooLong)
            return .authenticationAborted((isTooLong ? CommandError.authenticationLineTooLong : error).reply)
        }
    }
}
