import Accounts
import MailModel
import MailStore
import SASLMechanisms
import Testing

@Suite struct AdministrationTests {
    private func code(_ body: () async throws(AdministrationError) -> Void) async -> AdministrationError.Code? {
        do throws(AdministrationError) {
            try await body()
            return nil
        } catch {
            #expect(!error.message.isEmpty)
            return error.error
        }
    }

    private func add(_ specification: AccountSpecification, _ fixture: Fixture) async -> AdministrationError.Code? {
        await code { () async throws(AdministrationError) in
            _ = try await fixture.administration.addAccount(specification, actor: .commandLine)
        }
    }

    @Test func accountsAreChecked() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org", aliases: ["ali@example.org"])
        let cases: [(AccountSpecification, AdministrationError.Code?)] = [
            (AccountSpecification(address: "bob@example.org"), nil),
            (AccountSpecification(address: "not an address"), .invalidAddress),
            (AccountSpecification(address: "a@[192.0.2.1]"), .invalidAddress),
            (AccountSpecification(address: "a@elsewhere.example"), .noSuchDomain),
            (AccountSpecification(address: "ALICE@example.org"), .alreadyExists),
            (AccountSpecification(address: "ali@example.org"), .alreadyExists),
            (AccountSpecification(address: "c@example.org", aliases: ["alice@example.org"]), .alreadyExists),
            (AccountSpecification(address: "c@example.org", aliases: ["x"]), .invalidAddress),
            (AccountSpecification(address: "c@example.org", aliases: ["x@elsewhere.example"]), .noSuchDomain),
            (AccountSpecification(address: "c@example.org", quota: -1), .invalidValue),
            (AccountSpecification(address: "c@example.org", name: "a\nb"), .invalidValue),
            (AccountSpecification(address: "c@example.org", secret: .password("short")), .invalidPassword),
            (AccountSpecification(address: "c@example.org", secret: .hash("plain")), .invalidPasswordHash),
            (
                AccountSpecification(address: "c@example.org", name: "Carol", quota: 1000, aliases: ["cc@example.org"]),
                nil
            ),
        ]
        for (specification, expected) in cases {
            #expect(await add(specification, fixture) == expected, "\(specification)")
        }
        let carol = try await fixture.administration.account("c@example.org")
        #expect(carol.name == "Carol" && carol.quota == 1000 && carol.isEnabled && carol.protocols == .all)
    }

    @Test func passwordsMakeBothVerifiers() async throws {
        let fixture = try await Fixture()
        let alice = try await fixture.add("alice@example.org")
        let credentials = try await fixture.directory.credentials(of: alice.id)
        #expect(Set(credentials.map(\.credential.kind)) == [.argon2id, .scramSHA256])
        #expect(credentials.allSatisfy { !$0.credential.verifier.contains(Fixture.password) })
        try await fixture.administration.setPassword(
            "something else", account: "alice@example.org", actor: .commandLine)
        let replaced = try await fixture.directory.credentials(of: alice.id)
        #expect(replaced.count == 2)
        #expect(Set(replaced.map(\.id)).isDisjoint(with: credentials.map(\.id)))
    }

    @Test func accountsAreChangedAndRemoved() async throws {
        let fixture = try await Fixture()
        let administration = fixture.administration
        try await fixture.add("alice@example.org", aliases: ["ali@example.org"])
        _ = try await administration.setAlias(
            "team@example.org", targets: ["alice@example.org", "x@elsewhere.example"], isGroup: true,
            actor: .commandLine)
        var change = AccountChange()
        change.quota = .some(5000)
        change.pop3 = .expireAfter(days: 30)
        change.networks = ["192.0.2.0/24", "2001:db8::/32"]
        #expect(try await administration.setAccount("alice@example.org", change, actor: .commandLine).quota == 5000)
        change = AccountChange()
        change.quota = .some(nil)
        let changed = try await administration.setAccount("alice@example.org", change, actor: .commandLine)
        #expect(changed.quota == nil && changed.pop3 == .expireAfter(days: 30) && changed.networks.count == 2)
        var wrong = AccountChange()
        wrong.networks = ["all"]
        let refused = wrong
        #expect(
            await code { () async throws(AdministrationError) in
                _ = try await administration.setAccount("alice@example.org", refused, actor: .commandLine)
            } == .invalidValue)

        try await administration.removeAccount("alice@example.org", actor: .commandLine)
        #expect(try await administration.aliases().map(\.address.description) == ["team@example.org"])
        #expect(try await administration.aliases()[0].targets.map(\.description) == ["x@elsewhere.example"])
        #expect(
            await code { () async throws(AdministrationError) in
                try await administration.removeAccount("alice@example.org", actor: .commandLine)
            } == .noSuchAccount)
    }

    @Test func domainsAreChecked() async throws {
        let fixture = try await Fixture()
        let administration = fixture.administration
        try await fixture.add("alice@example.org")
        for (name, expected) in [
            ("EXAMPLE.org.", AdministrationError.Code.alreadyExists), ("a@b", .invalidDomain), ("", .invalidDomain),
            ("[192.0.2.1]", .invalidDomain), ("xn--bcher-kva.example", .alreadyExists),
        ] {
            #expect(
                await code { () async throws(AdministrationError) in
                    _ = try await administration.addDomain(name, actor: .commandLine)
                } == expected, "\(name)")
        }
        #expect(
            await code { () async throws(AdministrationError) in
                try await administration.removeDomain("example.org", actor: .commandLine)
            } == .domainInUse)
        try await administration.removeDomain("bücher.example", actor: .commandLine)
        #expect(try await administration.domains().map(\.name.ascii) == ["example.org"])
        var change = DomainChange()
        change.subaddressSeparator = .some("@")
        let wrong = change
        #expect(
            await code { () async throws(AdministrationError) in
                _ = try await administration.setDomain("example.org", wrong, actor: .commandLine)
            } == .invalidValue)
    }

    @Test func aliasesAreChecked() async throws {
        let fixture = try await Fixture()
        let administration = fixture.administration
        try await fixture.add("alice@example.org")
        let cases: [(String, [String], AdministrationError.Code?)] = [
            ("a@example.org", ["alice@example.org", "ALICE@example.org"], nil),
            ("a@example.org", ["b@elsewhere.example"], nil),
            ("b@example.org", [], .invalidValue), ("b@example.org", ["b@example.org"], .invalidValue),
            ("b@example.org", ["nonsense"], .invalidAddress), ("b@elsewhere.example", ["a@example.org"], .noSuchDomain),
            ("alice@example.org", ["a@example.org"], .alreadyExists),
        ]
        for (address, targets, expected) in cases {
            #expect(
                await code { () async throws(AdministrationError) in
                    _ = try await administration.setAlias(
                        address, targets: targets, isGroup: false, actor: .commandLine)
                } == expected, "\(address)")
        }
        #expect(
            try await administration.aliases(of: "b@elsewhere.example").map(\.address.description) == ["a@example.org"])
        try await administration.removeAlias("a@example.org", actor: .commandLine)
        #expect(
            await code { () async throws(AdministrationError) in
                try await administration.removeAlias("a@example.org", actor: .commandLine)
            } == .noSuchAlias)
    }

    @Test(arguments: [
        ("password", false), ("Password123!", false), ("12345678", false), ("qwertyuiop", false),
        ("aaaaaaaaaaaa", false),
        ("alice.example", true), ("alice@example.org", false), ("alice2024", false), ("example.org", false),
        ("sh0rt", false),
        ("correct battery staple", true), ("žluťoučký kůň", true), ("xK9#mPq2", true),
        (String(repeating: "ab1!", count: 300), false),
    ])
    func passwordPolicy(_ password: String, _ isFine: Bool) throws {
        let objection = PasswordPolicy().objection(to: password, of: try #require(EmailAddress("alice@example.org")))
        #expect((objection == nil) == isFine, "\(objection?.message ?? "")")
    }
}
