import Accounts
import Logging
import MailModel
import MailStore
import NIOCore
import SASLMechanisms

/// What a session works on: two accounts in the store's twin in memory, alice with mail, and logins that cost little.
final class SessionHost: Sendable {
    static let time = Timestamp(seconds: 1_700_000_000)
    static let password = "pw"
    static let quiet = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
    private static let hasher = PasswordHasher(
        pool: HashingPool(threads: 0), cost: Argon2Hash.Cost(kibibytes: 8, passes: 1), iterations: 1)

    let shard: MemoryShard
    let authenticator: Authenticator
    let alice: AccountRecord

    init(messages: Int, quota: Int64? = nil, pop3: POP3Policy = .leaveOnServer) async throws(StoreError) {
        let now: @Sendable () -> Timestamp = { SessionHost.time }
        shard = MemoryShard(now: now)
        let directory = shard.directory
        guard let domain = DomainName("example.test"), let alice = EmailAddress("alice@example.test"),
            let bob = EmailAddress("bob@example.test"), let team = EmailAddress("team@example.test")
        else { fail("test data") }
        try await directory.addDomain(DomainRecord(name: domain, created: now()), actor: .system)
        var record = try await directory.addAccount(
            NewAccount(address: alice, quota: quota, created: now()), credentials: [Self.credential(Self.password)],
            aliases: [], actor: .system)
        if pop3 != record.pop3 {
            record.pop3 = pop3
            try await directory.updateAccount(record, actor: .system)
        }
        self.alice = record
        _ = try await directory.addAccount(
            NewAccount(address: bob, created: now()), credentials: [Self.credential(Self.password)], aliases: [],
            actor: .system)
        try await directory.setAlias(
            AliasRecord(address: team, targets: [alice, bob], isGroup: true), actor: .system)
        authenticator = Authenticator(
            directory: directory, sessions: SessionRegistry(directory: directory), hasher: Self.hasher, log: Self.quiet,
            now: now, pause: { _ in })
        try await deliver(0..<messages)
    }

    private static func credential(_ password: String) -> NewCredential {
        guard let verifier = SCRAMVerifier.make(password: password, salt: Array(1...16), iterations: 1) else {
            fail("no verifier")
        }
        return NewCredential(kind: .scramSHA256, verifier: verifier.text)
    }

    /// Puts messages, by their numbers in `SeedMessages`, into alice's inbox.
    func deliver(_ numbers: Range<Int>) async throws(StoreError) {
        guard !numbers.isEmpty else { return }
        let flags: [SystemFlags] = [[], .seen, .deleted, [.flagged, .answered], .draft]
        let messages = numbers.map { number in
            var flags = MessageFlags(flags[number % flags.count])
            if number % 3 == 1 { flags.keywords = [Keyword("$Junk")] }
            return NewMessage(
                SeedMessages.staged[number % SeedMessages.staged.count], flags: flags,
                received: SessionHost.time.adding(seconds: Int64(number) * -86_400))
        }
        _ = try await shard.account(alice.id).append(messages, to: SystemFolder.inbox)
    }

    func changePassword() async throws(StoreError) {
        try await shard.directory.setCredentials(
            [Self.credential("other")], of: alice.id, replacing: .all, actor: .system)
    }

    func disable() async throws(StoreError) {
        var record = alice
        record.isEnabled = false
        try await shard.directory.updateAccount(record, actor: .system)
    }

    /// Whether all that is counted is there, in all accounts.
    func check() async throws(StoreError) {
        for record in try await shard.directory.accounts(after: nil, limit: 10) {
            let account = try await shard.account(record.id)
            var (bytes, messages): (Int64, Int64) = (0, 0)
            for folder in try await account.folders() {
                let snapshot = try await account.mailbox(folder.id)
                let rows = (0..<snapshot.count).compactMap { snapshot.row(at: $0) }
                expect(
                    rows.count == folder.messages, "\(folder.name) counts \(folder.messages) of \(rows.count) messages")
                expect(
                    rows.count { !$0.flags.contains(.seen) } == folder.unseen, "\(folder.name) counts unseen wrongly")
                expect(
                    rows.count { $0.flags.contains(.deleted) } == folder.deleted,
                    "\(folder.name) counts deleted wrongly")
                expect(rows.reduce(0) { $0 + Int64($1.size) } == folder.size, "\(folder.name) counts bytes wrongly")
                expect(
                    zip(rows, rows.dropFirst()).allSatisfy { $0.uid < $1.uid }, "UIDs do not ascend in \(folder.name)")
                expect(rows.last.map { $0.uid < folder.uidNext } ?? true, "UIDNEXT of \(folder.name) is taken")
                expect(
                    rows.allSatisfy { $0.change <= folder.highestChange },
                    "a change above the highest of \(folder.name)")
                expect(Set(rows.map(\.item)).count == rows.count, "an item is in \(folder.name) twice")
                bytes += folder.size
                messages += Int64(folder.messages)
            }
            let usage = try await account.quota()
            expect(
                usage.bytes == bytes && usage.messages == messages,
                "the quota counts \(usage), not \(bytes), \(messages)")
        }
    }
}
