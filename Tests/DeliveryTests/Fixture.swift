import Accounts
import Delivery
import Logging
import MailModel
import MailQueue
import MailStore
import NIOCore
import Synchronization
import Testing

final class TestClock: Sendable {
    private let time = Mutex(Timestamp(seconds: 1_795_246_800))
    var now: Timestamp { time.withLock { $0 } }
    func advance(_ seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }
}

/// A server `mx.example.org` for `example.org` with alice, bob and carol, on a store in memory.
struct Fixture {
    let clock = TestClock()
    let shard: MemoryShard
    let administration: AccountAdministration
    let authenticator: Authenticator
    let service: DeliveryService

    init(_ change: (inout DeliverySettings) -> Void = { _ in }) async throws {
        let clock = clock
        shard = MemoryShard(now: { clock.now })
        let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let hasher = PasswordHasher(
            pool: HashingPool(), cost: Argon2Hash.Cost(kibibytes: 8, passes: 1, lanes: 1), iterations: 1)
        administration = AccountAdministration(directory: shard.directory, hasher: hasher, now: { clock.now })
        authenticator = Authenticator(
            directory: shard.directory, sessions: SessionRegistry(directory: shard.directory), hasher: hasher,
            log: silent, now: { clock.now })
        var settings = DeliverySettings(hostName: try #require(DomainName("mx.example.org")))
        change(&settings)
        service = DeliveryService(
            shard: shard, addressBook: AddressBook(directory: shard.directory), queue: MailQueue(store: shard.queue),
            settings: settings, log: silent, now: { clock.now })
        _ = try await administration.addDomain("example.org", actor: .commandLine)
        for name in ["alice", "bob", "carol"] {
            _ = try await administration.addAccount(
                AccountSpecification(address: "\(name)@example.org", secret: .password("correct battery")),
                actor: .commandLine)
        }
    }

    // MARK: Contexts

    func reception() -> DeliveryContext {
        DeliveryContext(
            kind: .reception, session: "s1", peer: PeerAddress("192.0.2.9"), helo: "client.example",
            protocolName: "ESMTP")
    }

    func submission(as user: String = "alice@example.org") async throws -> DeliveryContext {
        let login = LoginContext(service: .submission, peer: PeerAddress("192.0.2.7"), isEncrypted: true, session: "s2")
        let account = try await authenticator.login(user: user, password: "correct battery", login)
        return DeliveryContext(
            kind: .submission, session: "s2", peer: PeerAddress("192.0.2.7"), helo: "[192.0.2.7]",
            protocolName: "ESMTPSA", tls: "TLSv1.3", account: account)
    }

    // MARK: Sending

    /// A whole transaction; `pieces` bytes at a time if given.
    @discardableResult
    func send(
        _ context: DeliveryContext, from sender: String, to recipients: [String], _ message: String,
        options: SenderOptions = SenderOptions(), recipientOptions: RecipientOptions = RecipientOptions(),
        piece: Int? = nil
    ) async throws(DeliveryRefusal) -> DeliveryReceipt {
        let transaction = try await service.begin(context, sender: EmailAddress(sender), options: options)
        for recipient in recipients {
            guard let address = EmailAddress(recipient) else { continue }
            try await transaction.addRecipient(address, options: recipientOptions)
        }
        var bytes = ByteBuffer(string: message)
        while let next = bytes.readSlice(length: min(piece ?? Int.max, bytes.readableBytes)), next.readableBytes > 0 {
            try await transaction.write(next)
        }
        return try await transaction.commit()
    }

    /// The refusal's `code enhanced`, or nil.
    func refusal(_ body: () async throws(DeliveryRefusal) -> Void) async -> String? {
        do throws(DeliveryRefusal) {
            try await body()
            return nil
        } catch {
            return "\(error.code) \(error.enhanced)"
        }
    }

    // MARK: Looking

    /// The texts of all messages in the inbox, oldest first.
    func inbox(of user: String) async throws -> [String] {
        let account = try await administration.account(user)
        let store = try await shard.account(account.id)
        let snapshot = try await store.mailbox(SystemFolder.inbox)
        var texts: [String] = []
        for index in 0..<snapshot.count {
            guard let row = snapshot.row(at: index) else { continue }
            let content = try await store.content(of: row.item)
            texts.append(String(buffer: try await content.read(at: 0, length: content.size)))
        }
        return texts
    }

    func queue() async throws -> [QueueEntry] { try await shard.queue.list(QueueFilter(), after: nil, limit: 100) }

    /// `stage outcome recipient code` of each line.
    func trace(_ filter: TraceFilter = TraceFilter()) async throws -> [String] {
        try await shard.traces.query(filter, limit: 100).map { event in
            [event.stage, event.outcome, event.recipient, event.code.map(String.init)].compactMap(\.self).joined(
                separator: " ")
        }
    }
}

/// A message that lacks nothing.
let complete = """
    From: Alice <alice@example.org>\r
    Date: Sat, 21 Nov 2026 07:40:00 +0000\r
    Message-ID: <m1@example.org>\r
    Subject: Hello\r
    \r
    Body\r

    """
