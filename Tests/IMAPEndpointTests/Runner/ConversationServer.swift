import Accounts
import IMAPEndpoint
import IMAPWire
import Logging
import MailModel
import MailStore
import NIOCore
import NIOPosix
import SessionIO

/// An IMAP server over the store's twin in memory, with the accounts alice and bob, on a loopback port.
struct ConversationServer {
    static let time = Timestamp(seconds: 1_000_000_000)
    static let password = "correct horse"

    let shard: MemoryShard
    let authenticator: Authenticator
    let administration: AccountAdministration
    let server: SessionServer
    let address: SocketAddress
    let alice: any AccountStore

    /// - Parameter options: `noplaintext`: passwords only over TLS, which is not configured either; `smallappend`: messages
    ///   of at most 100 bytes; `quota`: alice has 2 KB; `shortlines`: lines of at most 200 bytes.
    ///   `tls`: STARTTLS is offered.
    init(
        options: Set<String> = [], sessionsPerAccount: Int = .max, policy: SessionPolicy = SessionPolicy(),
        _ change: (inout IMAPSettings) -> Void = { _ in }
    ) async throws {
        let shard = MemoryShard { Self.time }
        let sessions = SessionRegistry(directory: shard.directory, limit: sessionsPerAccount)
        let hasher = PasswordHasher(cost: Argon2Hash.Cost(kibibytes: 64, passes: 1), iterations: 4096)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        authenticator = Authenticator(
            directory: shard.directory, sessions: sessions, hasher: hasher, log: logger, now: { Self.time },
            pause: { _ in })
        administration = AccountAdministration(directory: shard.directory, hasher: hasher, now: { Self.time })
        _ = try await administration.addDomain("example.test", actor: .system)
        let quota: Int64? = options.contains("quota") ? 2048 : nil
        let record = try await administration.addAccount(
            AccountSpecification(address: "alice@example.test", quota: quota, secret: .password(Self.password)),
            actor: .system)
        _ = try await administration.addAccount(
            AccountSpecification(address: "bob@example.test", secret: .password(Self.password)), actor: .system)
        alice = try await shard.account(record.id)
        var settings = IMAPSettings(hostName: "imap.example.test")
        settings.allowsPlaintextAuthentication = !options.contains("noplaintext")
        if options.contains("smallappend") { settings.appendLimit = 100 }
        if options.contains("shortlines") { settings.parser.line = 200 }
        change(&settings)
        let tls = options.contains("tls") ? TLSIdentitySource(try TestIdentity.make()) : nil
        let imap = IMAPService(
            settings: settings, authenticator: authenticator, tls: tls, shard: shard, now: { Self.time })
        server = SessionServer(group: MultiThreadedEventLoopGroup.singleton, logger: logger, policy: policy)
        address = try await server.listen(
            host: "127.0.0.1", port: 0,
            SessionServer.Service(
                name: "imap", limits: ConnectionLimits(), refusal: IMAPService.refusal,
                session: { await imap.serve($0) }))
        self.shard = shard
    }

    /// Puts a message into a mailbox of alice's.
    func deliver(_ message: Conversation.Message) async throws {
        let stager = shard.stage(expectedSize: nil)
        try await stager.write(ByteBuffer(string: message.lines.map { $0 + "\r\n" }.joined()))
        let staged = try await stager.finish()
        guard let folder = try await alice.folders().first(where: { $0.name == message.mailbox }) else {
            throw StoreError.notFound(message.mailbox)
        }
        var flags = MessageFlags()
        for name in message.flags {
            switch name.lowercased() {
            case "\\seen": flags.system.insert(.seen)
            case "\\answered": flags.system.insert(.answered)
            case "\\flagged": flags.system.insert(.flagged)
            case "\\deleted": flags.system.insert(.deleted)
            case "\\draft": flags.system.insert(.draft)
            default: flags.keywords.insert(Keyword(name))
            }
        }
        _ = try await alice.append([NewMessage(staged, flags: flags, received: Self.time)], to: folder.id)
    }

    func stop() async {
        await server.shutDown(grace: .seconds(60))
    }
}
