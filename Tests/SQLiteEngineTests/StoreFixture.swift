import ContentStore
import Foundation
import MailModel
import MailStore
import NIOCore
import SQLiteEngine
import Synchronization
import Testing

/// The two engines that must behave alike.
enum Twin: CaseIterable, Sendable {
    case memory
    case sqlite
}

/// A clock that tests move.
final class TestClock: Sendable {
    private let seconds = Mutex<Int64>(1_700_000_000)
    var now: Timestamp { Timestamp(seconds: seconds.withLock { $0 }) }
    func advance(days: Int64) { seconds.withLock { $0 += days * 86400 } }
}

/// A shard with one domain and the accounts alice and bob, in a folder of its own.
final class StoreFixture: Sendable {
    let shard: any Shard
    let clock: TestClock
    let directory: String
    let alice: AccountRecord
    let bob: AccountRecord

    private init(
        _ shard: any Shard, _ clock: TestClock, _ directory: String, _ alice: AccountRecord, _ bob: AccountRecord
    ) {
        self.shard = shard
        self.clock = clock
        self.directory = directory
        self.alice = alice
        self.bob = bob
    }

    static func temporaryDirectory() -> String {
        NSTemporaryDirectory() + "martlet-" + UUID().uuidString
    }

    /// Durable waits are left out: what they guard against no test can cause.
    static func options(_ clock: TestClock, _ change: (inout StoreOptions) -> Void = { _ in }) -> StoreOptions {
        var options = StoreOptions { clock.now }
        options.waitsForDisk = false
        options.readers = 2
        options.intakeThreads = 1
        change(&options)
        return options
    }

    static func make(_ twin: Twin, quota: Int64? = nil, _ change: (inout StoreOptions) -> Void = { _ in }) async throws
        -> StoreFixture
    {
        let clock = TestClock()
        let directory = temporaryDirectory()
        let shard: any Shard
        switch twin {
        case .memory: shard = MemoryShard { clock.now }
        case .sqlite: shard = try await SQLiteShard.open(directory: directory, options: options(clock, change))
        }
        let domain = try #require(DomainName("example.test"))
        try await shard.directory.addDomain(DomainRecord(name: domain, created: clock.now), actor: .system)
        let alice = try await shard.directory.addAccount(
            NewAccount(address: address("alice@example.test"), name: "Alice", quota: quota, created: clock.now),
            credentials: [NewCredential(kind: .argon2id, verifier: "$argon2id$x")],
            aliases: [address("al@example.test")],
            actor: .commandLine)
        let bob = try await shard.directory.addAccount(
            NewAccount(address: address("bob@example.test"), created: clock.now), credentials: [], aliases: [],
            actor: .commandLine)
        return StoreFixture(shard, clock, directory, alice, bob)
    }

    /// Closes and removes the folder.
    func end() async {
        await shard.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func stage(_ text: String) async throws -> StagedMessage { try await stage(Array(text.utf8)) }

    func stage(_ bytes: [UInt8], pieces: Int = 100_000) async throws -> StagedMessage {
        let stager = shard.stage(expectedSize: bytes.count)
        var rest = bytes[...]
        while !rest.isEmpty {
            try await stager.write(ByteBuffer(bytes: rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
        }
        return try await stager.finish()
    }

    func message(_ number: Int, headers: String = "") -> String {
        "Message-ID: <\(number)@example.test>\r\nSubject: number \(number)\r\n\(headers)\r\nbody \(number)\r\n"
    }

    /// Appends `count` messages to alice's folder in one commit.
    @discardableResult
    func fill(
        _ count: Int, _ folder: FolderID = SystemFolder.inbox, flags: MessageFlags = MessageFlags()
    ) async throws -> AppendResult {
        var messages: [NewMessage] = []
        for number in 0..<count {
            messages.append(NewMessage(try await stage(message(number)), flags: flags, received: clock.now))
        }
        return try await account().append(messages, to: folder)
    }

    func account() async throws -> any AccountStore { try await shard.account(alice.id) }

    func delivery(
        _ id: String, _ text: String, to recipients: [AccountRecord], remote: [String] = []
    ) async throws -> NewDelivery {
        NewDelivery(
            id: DeliveryID(id), message: try await stage(text), sender: address("sender@example.org"),
            received: clock.now,
            local: recipients.map { LocalPlacement(account: $0.id, folder: SystemFolder.inbox, recipient: $0.address) },
            remote: remote.map { NewQueueEntry(recipient: address($0), expires: clock.now.adding(seconds: 86400)) },
            trace: [
                TraceEvent(
                    time: clock.now, delivery: DeliveryID(id), stage: "deliver", outcome: "stored", text: "stored")
            ])
    }
}

func address(_ text: String) -> EmailAddress {
    guard let address = EmailAddress(text) else { preconditionFailure("\(text) is no address") }
    return address
}

/// The whole content of an item.
func bytes(of item: ItemID, in account: any AccountStore) async throws -> [UInt8] {
    let reader = try await account.content(of: item)
    var all: [UInt8] = []
    while all.count < reader.size {
        let piece = try await reader.read(at: all.count, length: 300_000)
        guard piece.readableBytes > 0 else { break }
        all += Array(buffer: piece)
    }
    return all
}
