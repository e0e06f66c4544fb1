import Glibc
import MailModel
import MailStore
import NIOCore
import SQLiteEngine

/// The store on SQLite, with commits that wait for the disk.
struct StoreBenchmarks {
    private let directory: String
    private let shard: SQLiteShard
    private let accounts: [any AccountStore]
    private let recipients: [EmailAddress]
    /// A second shard with one account whose inbox holds 100,000 messages.
    private let largeDirectory: String
    private let largeAccount: AccountID

    private static let producers = 32
    private static let deliveries = 1024

    private static func options() -> StoreOptions {
        StoreOptions(now: { Timestamp(seconds: Int64(Stopwatch.seconds(CLOCK_REALTIME))) })
    }

    init(directory: String) async throws {
        self.directory = directory + "/delivery"
        largeDirectory = directory + "/large"
        for path in [directory, self.directory, largeDirectory] { mkdir(path, 0o700) }
        shard = try await SQLiteShard.open(directory: self.directory, options: Self.options())
        (accounts, recipients) = try await Self.addAccounts(50, to: shard)
        largeAccount = try await Self.fill(largeDirectory)
    }

    func close() async { await shard.close() }

    private static func addAccounts(_ count: Int, to shard: SQLiteShard) async throws -> (
        [any AccountStore], [EmailAddress]
    ) {
        let now = options().now()
        guard let domain = DomainName("example.test") else { return ([], []) }
        try await shard.directory.addDomain(DomainRecord(name: domain, created: now), actor: .system)
        var accounts: [any AccountStore] = []
        var addresses: [EmailAddress] = []
        for number in 0..<count {
            guard let address = EmailAddress("user\(number)@example.test") else { continue }
            let record = try await shard.directory.addAccount(
                NewAccount(address: address, created: now), credentials: [], aliases: [], actor: .system)
            accounts.append(try await shard.account(record.id))
            addresses.append(address)
        }
        return (accounts, addresses)
    }

    private static func fill(_ directory: String) async throws -> AccountID {
        var options = options()
        options.waitsForDisk = false
        let shard = try await SQLiteShard.open(directory: directory, options: options)
        let (accounts, _) = try await addAccounts(1, to: shard)
        note("filling a folder with \(MailboxBenchmarks.count) messages")
        for start in stride(from: 0, to: MailboxBenchmarks.count, by: 1000) {
            var messages: [NewMessage] = []
            for number in start..<min(start + 1000, MailboxBenchmarks.count) {
                messages.append(NewMessage(try await stage(Messages.small(number), in: shard), received: options.now()))
            }
            _ = try await accounts[0].append(messages, to: SystemFolder.inbox)
        }
        let id = accounts[0].id
        await shard.close()
        return id
    }

    private static func stage(_ bytes: ByteBuffer, in shard: SQLiteShard) async throws -> StagedMessage {
        let stager = shard.stage(expectedSize: bytes.readableBytes)
        try await stager.write(bytes)
        return try await stager.finish()
    }

    // MARK: Benchmarks

    var all: [Benchmark] {
        var benchmarks = [
            Benchmark([("durable deliveries of 10 KB, 32 producers", "/s"), ("the same, CPU per delivery", "µs")]) {
                let times = try await deliver()
                return [1 / times.elapsed, times.cpu * 1e6]
            }
        ]
        for (name, bytes, count) in [("1 KB", 1_000, 100), ("10 KB", 10_000, 100), ("1 MB", 1_000_000, 10)] {
            benchmarks.append(
                Benchmark([("append of \(name), one after the other", "µs"), ("the same, CPU", "µs")]) {
                    let times = try await append(Messages.make(bytes: bytes), count)
                    return [times.elapsed * 1e6, times.cpu * 1e6]
                })
        }
        benchmarks.append(
            Benchmark([
                ("cold open of a folder of 100,000", "ms"), ("the same, CPU", "ms"),
                ("one flag changed in it and the new snapshot", "µs"), ("the same, CPU", "µs"),
            ]) { try await openLarge() })
        return benchmarks
    }

    private func deliver() async throws -> (cpu: Double, elapsed: Double) {
        let message = Messages.make(bytes: 10_000)
        let now = Self.options().now()
        let round = UInt64.random(in: 0 ... .max)
        let (shard, accounts, recipients) = (shard, accounts, recipients)
        return try await Stopwatch.both(Self.deliveries) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for producer in 0..<Self.producers {
                    group.addTask {
                        for number in 0..<(Self.deliveries / Self.producers) {
                            let target = (producer + number * 7) % accounts.count
                            let placement = LocalPlacement(
                                account: accounts[target].id, folder: SystemFolder.inbox, recipient: recipients[target])
                            let delivery = NewDelivery(
                                id: DeliveryID("\(round)-\(producer)-\(number)"),
                                message: try await Self.stage(message, in: shard), sender: recipients[0], received: now,
                                local: [placement], remote: [], trace: [])
                            let outcome = try await shard.deliver(delivery).outcomes.first
                            guard case .stored = outcome else { preconditionFailure("not delivered") }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private func append(_ message: ByteBuffer, _ count: Int) async throws -> (cpu: Double, elapsed: Double) {
        let now = Self.options().now()
        return try await Stopwatch.both(count) {
            for _ in 0..<count {
                let staged = try await Self.stage(message, in: shard)
                _ = try await accounts[0].append([NewMessage(staged, received: now)], to: SystemFolder.archive)
            }
        }
    }

    private func openLarge() async throws -> [Double] {
        let shard = try await SQLiteShard.open(directory: largeDirectory, options: Self.options())
        let account = try await shard.account(largeAccount)
        let cold = try await Stopwatch.both(1) {
            let count = try await account.mailbox(SystemFolder.inbox).count
            precondition(count == MailboxBenchmarks.count, "messages are missing")
        }
        let changes = 50
        let change = try await Stopwatch.both(changes) {
            for number in 0..<changes {
                let uid = UInt32(number * 1999 + 1)
                let mailbox = try await account.mailbox(SystemFolder.inbox)
                let isFlagged =
                    mailbox.index(ofUID: uid).flatMap { mailbox.row(at: $0) }?.flags.contains(.flagged) == true
                let flags = MessageFlags(.flagged)
                let result = try await account.changeFlags(
                    isFlagged ? .remove(flags) : .add(flags), of: UIDSet(uids: [uid]), in: SystemFolder.inbox,
                    unchangedSince: nil)
                precondition(result.change != nil, "no flag has changed")
                keep(try await account.mailbox(SystemFolder.inbox).unseen)
            }
        }
        await shard.close()
        return [cold.elapsed * 1e3, cold.cpu * 1e3, change.elapsed * 1e6, change.cpu * 1e6]
    }
}

extension Messages {
    /// Little more than a header.
    static func small(_ number: Int) -> ByteBuffer {
        ByteBuffer(
            string:
                "From: a@example.test\r\nTo: b@example.test\r\nSubject: message \(number)\r\nMessage-ID: <\(number)@example.test>\r\n"
                + "Date: Sat, 21 Nov 2026 09:00:00 +0100\r\n\r\nHello.\r\n")
    }
}
