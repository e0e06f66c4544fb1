import MailModel
import MailStore
import Synchronization
import Testing

@Suite struct DirectoryContractTests {
    @Test(arguments: Twin.allCases)
    func addressesAreUnique(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let directory = store.shard.directory
        for taken in ["ALICE@example.test", "al@example.test"] {
            await #expect(throws: StoreError.self) {
                try await directory.addAccount(
                    NewAccount(address: address(taken), created: store.clock.now), credentials: [], aliases: [],
                    actor: .system)
            }
        }
        await #expect(throws: StoreError.self) {
            try await directory.setAlias(
                AliasRecord(address: address("bob@example.test"), targets: [address("x@y.example")]), actor: .system)
        }
        await #expect(throws: StoreError.self) {
            try await directory.addAccount(
                NewAccount(address: address("x@other.example"), created: store.clock.now), credentials: [], aliases: [],
                actor: .system)
        }
        #expect(try await directory.account(address: address("Alice@EXAMPLE.test"))?.id == store.alice.id)
        #expect(try await directory.accounts(after: nil, limit: 1).map(\.id) == [store.alice.id])
        #expect(try await directory.accounts(after: "alice@example.test", limit: 10).map(\.id) == [store.bob.id])
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func accountsChangeAndGo(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let directory = store.shard.directory
        let heard = Mutex<[DirectoryChange]>([])
        let subscription = directory.subscribe { change in heard.withLock { $0.append(change) } }
        var record = store.alice
        record.isEnabled = false
        record.quota = 1000
        record.networks = ["192.0.2.0/24", "2001:db8::/32"]
        record.pop3 = .expireAfter(days: 3)
        record.protocols = [.imap, .submission]
        try await directory.updateAccount(record, actor: .commandLine)
        #expect(try await directory.account(record.id) == record)
        #expect(heard.withLock { $0 } == [.account(record.id)])
        let account = try await store.account()
        #expect(try await account.quota().limit == 1000)
        try await store.fill(2)
        try await directory.removeAccount(record.id, actor: .commandLine)
        #expect(try await directory.account(record.id) == nil)
        await #expect(throws: StoreError.self) { try await account.folders() }
        await #expect(throws: StoreError.self) { try await store.shard.account(record.id) }
        #expect(try await directory.credentials(of: record.id).isEmpty)
        let next = try await directory.addAccount(
            NewAccount(address: store.alice.address, created: store.clock.now), credentials: [], aliases: [],
            actor: .system)
        #expect(next.id != record.id)
        #expect(try await store.shard.verify(repair: false) { _, _ in }.findings == [])
        subscription.cancel()
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func domainsAliasesAndSettings(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let directory = store.shard.directory
        var domain = try #require(try await directory.domains(tenant: nil).first)
        #expect(domain.subaddressSeparator == "+")
        domain.catchAll = store.alice.address
        domain.subaddressSeparator = nil
        try await directory.updateDomain(domain, actor: .system)
        #expect(try await directory.domains(tenant: .first) == [domain])
        await #expect(throws: StoreError.self) { try await directory.removeDomain(domain.name, actor: .system) }
        await #expect(throws: StoreError.self) { try await directory.addDomain(domain, actor: .system) }

        let group = AliasRecord(
            address: address("team@example.test"),
            targets: [store.alice.address, store.bob.address, address("x@y.example")],
            isGroup: true)
        try await directory.setAlias(group, actor: .system)
        #expect(try await directory.alias(address: address("TEAM@example.test")) == group)
        #expect(
            try await directory.aliases(matching: store.alice.address).map(\.address.key) == [
                "al@example.test", "team@example.test",
            ])
        #expect(try await directory.aliases(matching: nil).count == 2)
        try await directory.removeAlias(group.address, actor: .system)
        await #expect(throws: StoreError.self) { try await directory.removeAlias(group.address, actor: .system) }

        try await directory.setSetting("salt", to: [1, 2, 3], tenant: nil, actor: .system)
        try await directory.setSetting("salt", to: [4], tenant: .first, actor: .system)
        #expect(try await directory.setting("salt", tenant: nil) == [1, 2, 3])
        #expect(try await directory.setting("salt", tenant: .first) == [4])
        try await directory.setSetting("salt", to: nil, tenant: nil, actor: .system)
        #expect(try await directory.setting("salt", tenant: nil) == nil)
        await store.end()
    }

    @Test(arguments: Twin.allCases)
    func newCredentialsReplaceOldOnes(_ twin: Twin) async throws {
        let store = try await StoreFixture.make(twin)
        let directory = store.shard.directory
        let phone = NewCredential(
            kind: .scramSHA256, verifier: "p", label: "phone", scope: [.imap], expires: store.clock.now)
        try await directory.setCredentials([phone], of: store.alice.id, replacing: .nothing, actor: .system)
        let new = NewCredential(kind: .argon2id, verifier: "new")
        try await directory.setCredentials([new], of: store.alice.id, replacing: .label("password"), actor: .system)
        let found = try await directory.credentials(of: store.alice.id)
        #expect(found.map(\.credential) == [phone, new])
        try await directory.setCredentials([], of: store.alice.id, replacing: .all, actor: .system)
        #expect(try await directory.credentials(of: store.alice.id).isEmpty)
        await store.end()
    }
}
