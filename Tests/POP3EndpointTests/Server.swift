import Accounts
import Logging
import MailModel
import MailStore
import NIOCore
import NIOPosix
import POP3Endpoint
import SASLMechanisms
import SessionIO

/// A POP3 server on a loopback port over the in-memory store, with one account: tim@example.test, password "tanstaaf".
final class Server: Sendable {
    static let now = Timestamp(seconds: 1_800_000_000)

    let shard: MemoryShard
    let account: AccountRecord
    let sessions: SessionServer
    let address: SocketAddress
    let authenticator: Authenticator

    init(policy: POP3Policy = .leaveOnServer, _ change: (inout POP3Settings) -> Void = { _ in }) async throws {
        shard = MemoryShard(now: { Self.now })
        let directory = shard.directory
        guard let domain = DomainName("example.test"), let address = EmailAddress("tim@example.test"),
            let verifier = SCRAMVerifier.make(password: "tanstaaf", salt: Array(1...16), iterations: 100)
        else { throw StoreError.limit("test data") }
        try await directory.addDomain(DomainRecord(name: domain, created: Self.now), actor: .system)
        var record = try await directory.addAccount(
            NewAccount(address: address, created: Self.now),
            credentials: [NewCredential(kind: .scramSHA256, verifier: verifier.text)], aliases: [], actor: .system)
        record.pop3 = policy
        try await directory.updateAccount(record, actor: .system)
        account = record

        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        authenticator = Authenticator(
            directory: directory, sessions: SessionRegistry(directory: directory),
            hasher: PasswordHasher(cost: .init(kibibytes: 64, passes: 1), iterations: 100), log: silent,
            now: { Self.now }, pause: { _ in })
        var settings = POP3Settings(hostName: "mail.example.test")
        settings.allowsPlaintextAuthentication = true
        change(&settings)
        let shard = shard
        let service = POP3Service(
            settings: settings, authenticator: authenticator, tls: TLSIdentitySource(try TestIdentity.make()),
            openAccount: { id throws(StoreError) in try await shard.account(id) }, now: { Self.now })
        sessions = SessionServer(group: MultiThreadedEventLoopGroup.singleton, logger: silent)
        self.address = try await sessions.listen(
            host: "127.0.0.1", port: 0,
            SessionServer.Service(name: "pop3", refusal: POP3Service.refusal, session: { await service.serve($0) }))
    }

    var store: any AccountStore {
        get async throws { try await shard.account(account.id) }
    }

    /// Puts a message into the inbox, so many days old.
    @discardableResult
    func add(_ content: String, flags: SystemFlags = [], daysOld: Int64 = 0) async throws -> ItemID {
        let stager = shard.stage(expectedSize: nil)
        try await stager.write(ByteBuffer(string: content))
        let message = NewMessage(
            try await stager.finish(), flags: MessageFlags(flags), received: Self.now.adding(seconds: -86_400 * daysOld)
        )
        return try await store.append([message], to: SystemFolder.inbox).items[0]
    }

    /// How many messages the inbox holds, and how many of them are unread.
    var inbox: (count: Int, unseen: Int) {
        get async throws {
            let mailbox = try await store.mailbox(SystemFolder.inbox)
            return (mailbox.count, mailbox.unseen)
        }
    }

    func stop() async { await sessions.shutDown(grace: .seconds(60)) }
}
