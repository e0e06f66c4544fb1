import Accounts
import IMAPWire
import Logging
import MailStore
import NIOCore
import SASLMechanisms
import SessionIO

/// One connection's conversation, on the connection's event loop: takes commands from the parser one after the other and
/// answers each before the next. The answers to all commands of one read leave in one write.
///
/// The commands are in one file each, under `Commands`; what they have in common is here and in `MailboxNews`.
final class IMAPSession {
    /// Answers are handed to the network when so many bytes have gathered.
    static let sliceSize = 32 << 10

    let service: IMAPService
    let connection: Connection
    var parser: CommandParser
    var machine: SessionMachine
    /// Set from login on.
    var account: OpenAccount?
    /// Set while a mailbox is selected.
    var selected: SelectedMailbox?
    /// What to do once the running command has been answered.
    private var afterReply: AfterReply?
    private(set) var isOver = false

    enum AfterReply {
        /// Say BYE and close.
        case farewell(String)
        case close
    }

    struct OpenAccount {
        let record: AccountRecord
        let store: any AccountStore
        let registration: SessionRegistration
    }

    init(_ service: IMAPService, _ connection: Connection) {
        self.service = service
        self.connection = connection
        parser = CommandParser(limits: .unauthenticated)
        machine = SessionMachine(
            isEncrypted: connection.tls != nil,
            allowsPlaintextPasswords: service.settings.allowsPlaintextAuthentication, limits: service.settings.machine)
    }

    /// Returns when the connection is to be closed. What is left in `connection.output` is still sent.
    func run() async {
        connection.deadline = connection.eventLoop.now + service.settings.loginTimeout
        connection.output.writeIMAPUntagged(
            .ok, "\(service.settings.hostName) Martlet IMAP server ready", code: .capability(capabilities))
        while !isOver, let event = await nextEvent() {
            await take(event)
            await connection.giveWayIfDue()
            if connection.output.readableBytes >= Self.sliceSize, !(await connection.flush()) { break }
        }
        selected = nil
        account?.registration.release()
        account = nil
    }

    /// The next event of the parser; waits for the client. Nil when the session is over.
    func nextEvent() async -> CommandEvent? {
        while !isOver {
            if let event = parser.next(&connection.input) { return event }
            await wait()
        }
        return nil
    }

    /// Waits for bytes or news. Ends the session when there can be no more.
    func wait() async {
        let timeout = account == nil ? service.settings.loginTimeout : service.settings.idleTimeout
        switch await connection.fill(within: timeout, midway: parser.isMidway) {
        case .data, .woken: break
        case .closed: isOver = true
        case .timedOut:
            connection.logger.info("session timed out")
            end("Autologout: idle for too long")
        case .interrupted(.shutdown): end("The server is shutting down", code: .unavailable)
        case .interrupted(.tooSlow): end("You send too slowly")
        case .interrupted(.displaced): end("Too many connections; try again later", code: .unavailable)
        case .interrupted(.revoked(let reason)):
            connection.logger.info("session ended by the server", metadata: ["reason": "\(reason)"])
            end("You may no longer use this session")
        }
    }

    /// Says BYE; nothing is read any more.
    func end(_ text: String, code: ResponseCode? = nil) {
        guard !isOver else { return }
        connection.output.writeIMAPUntagged(.bye, text, code: code)
        machine.loggedOut()
        isOver = true
    }

    /// Ends the session without another word, as when a reply could not be completed.
    func abort() {
        isOver = true
        connection.closeNow()
    }

    /// Ends the session as soon as the running command has been answered.
    func endAfterReply(_ end: AfterReply) {
        afterReply = end
    }

    // MARK: Commands

    private func take(_ event: CommandEvent) async {
        switch event {
        case .command(let tag, let command): await run(tag, command)
        case .literalExpected(let tag, let kind): await permitLiteral(tag, kind)
        case .appendBegan(let tag, let mailbox, let message): await append(tag, mailbox, message)
        case .failure(let failure): fail(failure)
        // The commands that ask for these take them themselves.
        case .line, .appendBytes, .appendNext, .appendEnded: break
        }
    }

    /// Has a literal sent, unless the command would be refused anyway: a password, say, need not be seen by anybody then.
    private func permitLiteral(_ tag: String, _ kind: CommandKind) async {
        guard let refusal = refusal(of: kind) else { return connection.output.writeIMAPContinuation("OK") }
        parser.refuseLiteral()
        await refuse(tag, refusal)
    }

    private func refuse(_ tag: String, _ refusal: Completion) async {
        if refusal.condition == .bad { return fail(tag, refusal.text) }
        await reply(tag, refusal)
    }

    private func run(_ tag: String, _ command: Command) async {
        let kind = command.kind
        if let refusal = refusal(of: kind) { return await refuse(tag, refusal) }
        machine.succeeded()
        service.metrics.ran(kind)
        let completion: Completion?
        do throws(StoreError) {
            completion = try await perform(tag, command)
        } catch {
            completion = failed(error, kind)
        }
        guard let completion else { return }
        await reply(tag, completion, mayExpunge: !kind.rule.usesSequenceNumbers || kind == .move)
    }

    /// Why `kind` cannot run now, if it cannot.
    func refusal(of kind: CommandKind) -> Completion? {
        switch machine.admit(kind) {
        case .proceed: nil
        case .refuse(let text): .bad(text)
        case .deny(let code, let text): .no(text, code: code)
        case .ignore: .bad("The session is over")
        }
    }

    /// Logs what the client is told only in outline.
    func failed(_ error: StoreError, _ kind: CommandKind) -> Completion {
        switch error {
        case .diskFull, .unavailable:
            // The store itself says what the trouble is, once.
            connection.logger.info("command failed", metadata: ["command": "\(kind.rawValue)", "cause": "\(error)"])
        case .damaged:
            connection.logger.error("command failed", metadata: ["command": "\(kind.rawValue)", "cause": "\(error)"])
        default:
            connection.logger.debug("command refused", metadata: ["command": "\(kind.rawValue)", "cause": "\(error)"])
        }
        return Completion(error)
    }

    /// The tagged reply, news of the mailbox before it.
    func reply(_ tag: String, _ completion: Completion, mayExpunge: Bool = true) async {
        guard !isOver else { return }
        await tellNews(mayExpunge: mayExpunge)
        guard !isOver else { return }
        connection.output.writeIMAPTagged(tag, completion.condition, completion.text, code: completion.code)
        if completion.condition == .bad, machine.failed() == .disconnect {
            connection.note("too many bad commands")
            afterReply = .farewell("Too many bad commands")
        }
        switch afterReply {
        case .farewell(let text): end(text)
        case .close:
            machine.loggedOut()
            isOver = true
        case nil: break
        }
    }

    /// Answers what is no command.
    private func fail(_ failure: SyntaxFailure) {
        fail(failure.tag, failure.reason.text, isFatal: failure.isFatal)
    }

    func fail(_ tag: String?, _ text: String, isFatal: Bool = false) {
        service.metrics.failed()
        if let tag {
            connection.output.writeIMAPTagged(tag, .bad, text)
        } else {
            connection.output.writeIMAPUntagged(.bad, text)
        }
        if isFatal {
            connection.note("bad syntax", ["cause": .string(text)])
            end(text)
        } else if machine.failed() == .disconnect {
            connection.note("too many bad commands")
            end("Too many bad commands")
        }
    }

    // MARK: The account

    /// The store of the account logged in. The machine admits no command that needs it before login.
    var store: any AccountStore {
        get throws(StoreError) {
            guard let account else { throw .notAllowed("nobody has logged in") }
            return account.store
        }
    }

    func folderTree() async throws(StoreError) -> FolderTree {
        let folders = try await store.folders()
        // The thousands of folders that an account may have take milliseconds.
        guard folders.count > 500, let account else { return FolderTree(folders) }
        return await service.searchWorkers.workers(for: account.record.id).run { FolderTree(folders) }
    }

    /// The mailbox called `name`.
    func folder(_ name: MailboxName) async throws(StoreError) -> Folder {
        guard let folder = try await folderTree()[name] else { throw .notFound("mailbox \(name)") }
        return folder
    }

    /// As `folder`, for a destination: nil asks for NO [TRYCREATE] (RFC 9051 §6.3.12).
    func destination(_ name: MailboxName) async throws(StoreError) -> Folder? {
        try await folderTree()[name]
    }

    static let tryCreate = Completion.no("There is no such mailbox; CREATE it first", code: .tryCreate)

    var channelBindings: [SASLChannelBinding] {
        (connection.tls?.channelBindings ?? []).map { SASLChannelBinding(name: $0.name, bytes: $0.bytes) }
    }
}

/// Large replies go through the connection with its back-pressure.
extension Connection: ResponseSink {}
