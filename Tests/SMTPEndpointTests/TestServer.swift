import Accounts
import Delivery
import Logging
import MailModel
import MailQueue
import MailStore
import NIOCore
import NIOPosix
import SMTPEndpoint
import SessionIO

/// A whole server for SMTP on loopback over the store's twin in memory, with accounts alice and bob of example.test.
struct TestServer {
    static let password = "correct horse battery"

    let shard: MemoryShard
    let administration: AccountAdministration
    let server: SessionServer
    let address: SocketAddress

    /// Runs `body` against a listener of `kind`, and shuts it down.
    static func run(
        _ kind: SMTPListenerKind, sessionsPerAccount: Int = .max, sending: SendingBudget.Limits = .init(),
        policy: SessionPolicy = SessionPolicy(), _ change: (inout SMTPSettings) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let now: @Sendable () -> Timestamp = { Timestamp(seconds: 1_700_000_000) }
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let shard = MemoryShard(now: now)
        let hasher = PasswordHasher(cost: Argon2Hash.Cost(kibibytes: 8, passes: 1), iterations: 4096)
        let administration = AccountAdministration(directory: shard.directory, hasher: hasher, now: now)
        _ = try await administration.addDomain("example.test", actor: .system)
        for name in ["alice", "bob"] {
            let account = AccountSpecification(address: "\(name)@example.test", secret: .password(password))
            _ = try await administration.addAccount(account, actor: .system)
        }
        let authenticator = Authenticator(
            directory: shard.directory,
            sessions: SessionRegistry(directory: shard.directory, limit: sessionsPerAccount),
            hasher: hasher, log: log,
            now: now)
        var settings = SMTPSettings(hostname: "mx.example.test")
        settings.errorDelay = .seconds(0)
        change(&settings)
        guard let host = DomainName("mx.example.test") else { return }
        let delivery = DeliveryService(
            shard: shard, addressBook: AddressBook(directory: shard.directory), queue: MailQueue(store: shard.queue),
            settings: DeliverySettings(hostName: host), log: log, now: now)
        let service = SMTPService(
            kind, settings: settings, delivery: delivery, authenticator: authenticator, tls: try TestIdentity.source(),
            sending: SendingBudget(limits: sending))
        let server = SessionServer(group: MultiThreadedEventLoopGroup.singleton, logger: log, policy: policy)
        let address = try await server.listen(host: "127.0.0.1", port: 0, service.listener())
        let test = TestServer(shard: shard, administration: administration, server: server, address: address)
        do {
            try await body(test)
        } catch {
            await server.shutDown(grace: .seconds(1))
            throw error
        }
        await server.shutDown(grace: .seconds(1))
    }

    func connect(tls: Bool = false) async throws -> TestClient { try await TestClient.connect(to: address, tls: tls) }

    /// The messages in the inbox of `name`, oldest first.
    func inbox(_ name: String) async throws -> [String] {
        guard let address = EmailAddress("\(name)@example.test"),
            let record = try await shard.directory.account(address: address)
        else { return [] }
        let account = try await shard.account(record.id)
        var messages: [String] = []
        for item in try await account.mailbox(SystemFolder.inbox).chunks.flatMap(\.items) {
            let reader = try await account.content(of: ItemID(item))
            messages.append(String(buffer: try await reader.read(at: 0, length: reader.size)))
        }
        return messages
    }

    /// Recipients in the queue.
    func queued() async throws -> [String] {
        try await shard.queue.list(QueueFilter(), after: nil, limit: 100).map(\.recipient)
    }
}
