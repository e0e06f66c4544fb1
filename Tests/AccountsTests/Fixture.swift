import Accounts
import Logging
import MailModel
import MailStore
import Synchronization

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp(seconds: 1_800_000_000))
    var now: Timestamp { time.withLock { $0 } }
    func advance(_ seconds: Int64) { time.withLock { $0 = $0.adding(seconds: seconds) } }
}

/// An empty server with cheap hashes; `example.org` and `bücher.example` are served.
struct Fixture {
    let clock = TestClock()
    let directory: any DirectoryStore
    let hasher: PasswordHasher
    let administration: AccountAdministration
    let book: AddressBook
    let sessions: SessionRegistry
    let authenticator: Authenticator
    let pauses = Pauses()

    final class Pauses: Sendable {
        private let list = Mutex<[Int]>([])
        var all: [Int] { list.withLock { $0 } }
        func add(_ seconds: Int) { list.withLock { $0.append(seconds) } }
    }

    init(_ settings: Authenticator.Settings = Authenticator.Settings(), postmaster: String? = nil) async throws {
        let clock = clock
        let pauses = pauses
        let shard = MemoryShard(now: { clock.now })
        directory = shard.directory
        hasher = PasswordHasher(
            pool: HashingPool(threads: 2, limit: 1000), cost: Argon2Hash.Cost(kibibytes: 8, passes: 1, lanes: 1),
            iterations: 10)
        administration = AccountAdministration(directory: directory, hasher: hasher, now: { clock.now })
        book = AddressBook(
            directory: directory, settings: AddressBook.Settings(postmaster: postmaster.flatMap { EmailAddress($0) }))
        sessions = SessionRegistry(directory: directory)
        authenticator = Authenticator(
            directory: directory, sessions: sessions, hasher: hasher, settings: settings,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), now: { clock.now },
            pause: { pauses.add($0) })
        _ = try await administration.addDomain("example.org", actor: .commandLine)
        _ = try await administration.addDomain("bücher.example", actor: .commandLine)
    }

    static let password = "correct battery staple"

    @discardableResult
    func add(_ address: String, password: String = Fixture.password, aliases: [String] = []) async throws
        -> AccountRecord
    {
        try await administration.addAccount(
            AccountSpecification(address: address, secret: .password(password), aliases: aliases), actor: .commandLine)
    }

    func login(
        _ user: String, _ password: String = Fixture.password, from peer: String? = "192.0.2.7",
        _ service: ProtocolSet = .imap
    ) async -> Result<AuthenticatedAccount, LoginFailure> {
        do throws(LoginFailure) {
            return .success(try await authenticator.login(user: user, password: password, context(peer, service)))
        } catch {
            return .failure(error)
        }
    }

    func context(_ peer: String? = "192.0.2.7", _ service: ProtocolSet = .imap) -> LoginContext {
        LoginContext(service: service, peer: peer.flatMap { PeerAddress($0) }, isEncrypted: true, session: "s1")
    }
}

extension Result where Success == AuthenticatedAccount, Failure == LoginFailure {
    var failure: LoginFailure? {
        if case .failure(let failure) = self { return failure }
        return nil
    }
    var address: String? { (try? get())?.record.address.description }
}
