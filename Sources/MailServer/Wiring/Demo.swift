import Accounts
import Foundation
import Logging
import MailModel
import MailStore
import SASLMechanisms

/// What `martlet demo` was asked for.
package struct DemoOptions: Sendable, Confidential {
    package var directory: String?
    package var address: String
    package var portOffset: Int
    package var accounts: Int
    package var password: String?
    package var plaintextAuthentication: Bool
    package var resolver: String?
    package var overrides: [String]

    package init(
        directory: String?, address: String, portOffset: Int, accounts: Int, password: String?,
        plaintextAuthentication: Bool, resolver: String?, overrides: [String]
    ) {
        self.directory = directory
        self.address = address
        self.portOffset = portOffset
        self.accounts = accounts
        self.password = password
        self.plaintextAuthentication = plaintextAuthentication
        self.resolver = resolver
        self.overrides = overrides
    }
}

/// A demonstration's data folder: an ordinary one, with the accounts' passwords written beside.
struct DemoFolder {
    let directory: String
    let options: DemoOptions
    private let isTemporary: Bool

    init(_ options: DemoOptions) throws {
        self.options = options
        isTemporary = options.directory == nil
        directory =
            options.directory.map { URL(filePath: $0).standardizedFileURL.path }
            ?? NSTemporaryDirectory() + "martlet-demo-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }

    func configuration() throws -> ServerConfiguration {
        var base = ServerConfiguration()
        base.server.name = "localhost"
        base.server.postmaster = "alice@example.test"
        base.listen = Listen(address: options.address, portOffset: options.portOffset)
        base.auth.plaintext = options.plaintextAuthentication
        base.log.level = .warning
        var overrides = options.overrides
        if let resolver = options.resolver { overrides.insert("resolver=\(resolver)", at: 0) }
        return try NodeConfiguration.load(directory: directory, file: nil, overrides: overrides, base: base)
    }

    func removeIfTemporary() {
        if isTemporary { try? FileManager.default.removeItem(atPath: directory) }
    }

    // MARK: Passwords

    private var passwordFile: String { directory + "/demo.json" }

    /// Address → password, as printed before.
    func passwords() -> [String: String] {
        guard let data = FileManager.default.contents(atPath: passwordFile) else { return [:] }
        return (try? JSONDecoder().decode([String: String].self, from: data)) ?? [:]
    }

    func keep(_ passwords: [String: String]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let data = try encoder.encode(passwords)
        do throws(SmallFile.Failure) {
            try SmallFile.replace(passwordFile, with: Array(data), mode: 0o600)
        } catch {
            throw AdministrationFailure(
                error: "unwritable", message: "\(passwordFile) cannot be written: \(error.reason)",
                remedy: "check the folder's permissions and space", isTransient: true)
        }
    }
}

/// Makes the sample accounts that are not there yet.
struct DemoAccounts {
    let node: MailNode
    let folder: DemoFolder

    /// All sample accounts with their passwords, alice and bob first.
    func prepare() async throws -> [DemoReport.Account] {
        let domain = "example.test"
        let directory = node.shard.directory
        let administration = node.administrationOfAccounts
        if try await directory.domains(tenant: nil).allSatisfy({ $0.name.ascii != domain }) {
            _ = try await administration.addDomain(domain, actor: .system)
        }
        let count = folder.options.accounts
        let known = folder.passwords()
        let numbered = known.keys.filter { $0.hasPrefix("user") }.count
        let users = max(count, numbered)
        let addresses = ["alice", "bob"].map { "\($0)@\(domain)" } + (0..<users).map { "user\($0 + 1)@\(domain)" }
        var passwords = known
        let common = folder.options.password ?? Self.randomPassword()
        for address in addresses where passwords[address] == nil { passwords[address] = common }
        let missing = addresses.filter { known[$0] == nil }
        if !missing.isEmpty {
            try await add(missing, password: common)
            // Written last: an account without a known password gets a new one at the next start, but one whose password is known
            // and that was never made would not be made any more.
            try folder.keep(passwords)
        }
        return addresses.map { DemoReport.Account(address: $0, password: passwords[$0] ?? common) }
    }

    /// Hashed once for all, as they share it; added side by side, so that they share commits. The password policy does not
    /// apply: whoever runs a demonstration chooses the password.
    private func add(_ addresses: [String], password: String) async throws {
        guard let credentials = try await PasswordHasher().credentials(for: password, label: "password") else {
            throw AdministrationFailure(
                error: "invalidPassword", message: "the password has characters that passwords cannot have",
                remedy: "leave out control characters")
        }
        let directory = node.shard.directory
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, text) in addresses.enumerated() {
                if index >= 256 { try await group.next() }
                group.addTask {
                    guard let address = EmailAddress(text) else { return }
                    let name = text.prefix { $0 != "@" }
                    let account = NewAccount(
                        address: address, name: name.prefix(1).uppercased() + name.dropFirst(),
                        created: SystemClock.now())
                    do throws(StoreError) {
                        _ = try await directory.addAccount(
                            account, credentials: credentials, aliases: [], actor: .system)
                    } catch {
                        // A run that was cut short may have left it without the password that is now printed.
                        guard case .alreadyExists = error, let record = try await directory.account(address: address)
                        else {
                            throw error
                        }
                        try await directory.setCredentials(credentials, of: record.id, replacing: .all, actor: .system)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Three groups of four letters and digits that cannot be mistaken for each other.
    private static func randomPassword() -> String {
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
        var generator = SystemRandomNumberGenerator()
        return (0..<3).map { _ in String((0..<4).map { _ in letters.randomElement(using: &generator) ?? "a" }) }
            .joined(separator: "-")
    }
}

/// What a demonstration tells whoever started it.
package struct DemoReport: Sendable, Confidential {
    package struct Account: Codable, Sendable, Confidential {
        package let address: String
        package let password: String
    }

    private struct Object: Codable {
        let endpoints: [String: Int]
        let accounts: [Account]
        let ca: String
        let directory: String
        let pid: Int32
    }

    let endpoints: [String: Int]
    let accounts: [Account]
    let ca: String
    let directory: String
    let address: String

    /// One line for scripts.
    package var json: String {
        AdministrationView.json(
            Object(endpoints: endpoints, accounts: accounts, ca: ca, directory: directory, pid: getpid()))
    }

    /// For people: what listens, who may log in, and what to type.
    package var text: String {
        func port(_ name: String) -> String { endpoints[name].map { String($0) } ?? "-" }
        var lines = ["Martlet is running. Ctrl-C stops it.", ""]
        lines.append("  data folder  \(directory)")
        lines.append("  authority    \(ca)")
        lines.append("")
        for (name, number) in endpoints.sorted(by: { $0.value < $1.value }) {
            lines.append("  \(name.padding(toLength: 12, withPad: " ", startingAt: 0)) \(address):\(number)")
        }
        lines.append("")
        for account in accounts.prefix(5) { lines.append("  \(account.address)  password  \(account.password)") }
        if accounts.count > 5 {
            lines.append("  and \(accounts.count - 5) more, to \(accounts[accounts.count - 1].address)")
        }
        guard accounts.count > 1 else { return lines.joined(separator: "\n") }
        let (alice, bob) = (accounts[0], accounts[1])
        lines += [
            "", "Send a message from alice to bob, then read it:", "",
            "  printf 'From: \(alice.address)\\r\\nTo: \(bob.address)\\r\\nSubject: hello\\r\\n\\r\\nIt works.\\r\\n' |",
            "    curl -sS --cacert \(ca) --url smtps://localhost:\(port("submissions")) --user '\(alice.address):\(alice.password)' \\",
            "      --mail-from \(alice.address) --mail-rcpt \(bob.address) --upload-file -",
            "  curl -sS --cacert \(ca) --user '\(bob.address):\(bob.password)' 'imaps://localhost:\(port("imaps"))/INBOX;MAILINDEX=1'",
        ]
        return lines.joined(separator: "\n")
    }
}
