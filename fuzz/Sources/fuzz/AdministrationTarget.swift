import Accounts
import FoundationEssentials
import MailModel
import MailServer
import MailStore

/// Lines of JSON: requests on the administration's socket, and rows of an import of accounts, which are carried out.
enum AdministrationTarget {
    private static let hasher = PasswordHasher(
        pool: HashingPool(threads: 0), cost: Argon2Hash.Cost(kibibytes: 8, passes: 1), iterations: 1)

    static func run(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: 0x0A).prefix(8)
        for line in lines {
            guard let request = try? JSONDecoder().decode(AdministrationRequest.self, from: Data(line)) else {
                continue
            }
            guard let text = try? JSONEncoder().encode(request) else { fail("a request cannot be written") }
            guard let again = try? JSONDecoder().decode(AdministrationRequest.self, from: text) else {
                fail("a request cannot be read again")
            }
            expect("\(again)" == "\(request)", "a request changes when it is written")
        }
        let texts = lines.map { String(decoding: $0, as: UTF8.self) }
        SerialTasks.wait { () async throws(StoreError) in await importAccounts(texts) }
    }

    private static func importAccounts(_ lines: [String]) async {
        let shard = MemoryShard(now: { SessionHost.time })
        let administration = AccountAdministration(
            directory: shard.directory, hasher: hasher, now: { SessionHost.time })
        do {
            _ = try await administration.addDomain("example.test", actor: .system)
            let stream = AsyncStream { continuation in
                for line in lines { continuation.yield(line) }
                continuation.finish()
            }
            let count = Counter()
            try await administration.importAccounts(stream, actor: .system) { result in
                expect(result.line > count.last, "results out of order")
                count.last = result.line
                if result.result == .added { count.added += 1 }
            }
            let accounts = try await shard.directory.accounts(after: nil, limit: 100)
            expect(accounts.count == count.added, "\(count.added) accounts were added, \(accounts.count) are there")
        } catch {
            fail("an import ends with \(error)")
        }
    }

    private final class Counter: @unchecked Sendable {
        // One thread: see SerialTasks.
        var last = 0
        var added = 0
    }
}
