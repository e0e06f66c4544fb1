import Accounts
import MailModel
import MailStore
import Testing

@Suite struct AddressBookTests {
    /// The addresses that `recipient` reaches, remote ones marked, or the word for why it reaches none.
    private func resolve(_ recipient: String, _ fixture: Fixture) async throws -> [String] {
        switch try await fixture.book.resolve(try #require(EmailAddress(recipient))) {
        case .deliverable(let destinations):
            destinations.local.map { "\($0.address)\($0.detail.map { " [\($0)]" } ?? "")" }
                + destinations.remote.map { "-> \($0)" }
        case .remote: ["remote"]
        case .unknown: ["unknown"]
        case .disabled: ["disabled"]
        case .loop: ["loop"]
        }
    }

    private func alias(_ address: String, _ targets: [String], isGroup: Bool = false, _ fixture: Fixture) async throws {
        _ = try await fixture.administration.setAlias(address, targets: targets, isGroup: isGroup, actor: .commandLine)
    }

    @Test func accountsAndAliases() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org", aliases: ["ali@example.org"])
        try await fixture.add("jürgen@bücher.example")
        #expect(try await resolve("Alice@EXAMPLE.org", fixture) == ["alice@example.org"])
        #expect(try await resolve("ALI@example.org", fixture) == ["alice@example.org"])
        #expect(try await resolve("nobody@example.org", fixture) == ["unknown"])
        #expect(try await resolve("alice@elsewhere.example", fixture) == ["remote"])
        #expect(try await resolve("JÜRGEN@xn--bcher-kva.example", fixture) == ["jürgen@bücher.example"])
        #expect(try await fixture.book.isLocal(try #require(DomainName("BÜCHER.example"))))
        #expect(try await !fixture.book.isLocal(try #require(DomainName("elsewhere.example"))))
    }

    @Test func newDomainIsSeenAtOnce() async throws {
        let fixture = try await Fixture()
        #expect(try await resolve("a@example.net", fixture) == ["remote"])
        _ = try await fixture.administration.addDomain("example.net", actor: .commandLine)
        #expect(try await resolve("a@example.net", fixture) == ["unknown"])
    }

    @Test func subaddresses() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org", aliases: ["ali@example.org"])
        try await fixture.add("a+b@example.org")
        #expect(try await resolve("alice+Lists@example.org", fixture) == ["alice@example.org [Lists]"])
        #expect(try await resolve("ali+x+y@example.org", fixture) == ["alice@example.org [x+y]"])
        #expect(try await resolve("alice+@example.org", fixture) == ["alice@example.org []"])
        #expect(try await resolve("+alice@example.org", fixture) == ["unknown"])
        // An account that has the separator in its name comes first.
        #expect(try await resolve("a+b@example.org", fixture) == ["a+b@example.org"])
        var change = DomainChange()
        change.subaddressSeparator = .some(nil)
        _ = try await fixture.administration.setDomain("example.org", change, actor: .commandLine)
        #expect(try await resolve("alice+lists@example.org", fixture) == ["unknown"])
    }

    @Test func groupsExpandWithoutRepetition() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        try await fixture.add("bob@example.org")
        try await alias(
            "team@example.org", ["alice@example.org", "inner@example.org", "x@elsewhere.example"], isGroup: true,
            fixture)
        try await alias(
            "inner@example.org", ["bob@example.org", "alice@example.org", "X@elsewhere.example", "team@example.org"],
            isGroup: true, fixture)
        #expect(
            try await resolve("team@example.org", fixture) == [
                "alice@example.org", "bob@example.org", "-> x@elsewhere.example",
            ])
        #expect(try await resolve("team+now@example.org", fixture).first == "alice@example.org [now]")
    }

    @Test func loopsAreHarmless() async throws {
        let fixture = try await Fixture()
        try await alias("a@example.org", ["b@example.org"], fixture)
        try await alias("b@example.org", ["a@example.org"], fixture)
        #expect(try await resolve("a@example.org", fixture) == ["loop"])
        // A chain longer than the limit ends as one.
        for number in 0..<20 { try await alias("c\(number)@example.org", ["c\(number + 1)@example.org"], fixture) }
        #expect(try await resolve("c0@example.org", fixture) == ["loop"])
        try await alias("dangling@example.org", ["nobody@example.org"], fixture)
        #expect(try await resolve("dangling@example.org", fixture) == ["unknown"])
    }

    @Test func disabledAccountsReceiveNothing() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        try await fixture.add("bob@example.org")
        try await alias("both@example.org", ["alice@example.org", "bob@example.org"], fixture)
        _ = try await fixture.administration.setEnabled(false, account: "alice@example.org", actor: .commandLine)
        #expect(try await resolve("alice@example.org", fixture) == ["disabled"])
        #expect(try await resolve("both@example.org", fixture) == ["bob@example.org"])
    }

    @Test func catchAll() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        var change = DomainChange()
        change.catchAll = "alice@example.org"
        _ = try await fixture.administration.setDomain("bücher.example", change, actor: .commandLine)
        #expect(try await resolve("anything@bücher.example", fixture) == ["alice@example.org"])
        #expect(try await resolve("anything@example.org", fixture) == ["unknown"])
        // Not for members of a group: a typing error there is no stranger's mail.
        try await alias("team@example.org", ["typo@bücher.example"], isGroup: true, fixture)
        #expect(try await resolve("team@example.org", fixture) == ["unknown"])
    }

    @Test func postmasterIsAlwaysRead() async throws {
        let fixture = try await Fixture(postmaster: "admin@example.org")
        try await fixture.add("admin@example.org")
        try await fixture.add("alice@example.org")
        #expect(try await resolve("Postmaster@example.org", fixture) == ["admin@example.org"])
        #expect(try await resolve("abuse@bücher.example", fixture) == ["admin@example.org"])
        #expect(try await resolve("webmaster@example.org", fixture) == ["unknown"])
        try await fixture.directory.setSetting(
            "postmaster.xn--bcher-kva.example", to: Array("alice@example.org".utf8), tenant: .first, actor: .commandLine
        )
        #expect(try await resolve("postmaster@bücher.example", fixture) == ["alice@example.org"])
        try await fixture.add("postmaster@example.org")
        #expect(try await resolve("postmaster@example.org", fixture) == ["postmaster@example.org"])
    }

    @Test func sendingAs() async throws {
        let fixture = try await Fixture()
        let alice = try await fixture.add("alice@example.org", aliases: ["ali@example.org"])
        let bob = try await fixture.add("bob@example.org")
        try await alias("nested@example.org", ["ali@example.org"], fixture)
        try await alias("team@example.org", ["alice@example.org", "bob@example.org"], isGroup: true, fixture)
        var change = DomainChange()
        change.catchAll = "alice@example.org"
        _ = try await fixture.administration.setDomain("bücher.example", change, actor: .commandLine)
        try await fixture.add("real@bücher.example")
        func may(_ account: AccountRecord, _ address: String) async throws -> Bool {
            try await fixture.book.maySend(account, as: try #require(EmailAddress(address)))
        }
        for address in [
            "alice@example.org", "ALICE@example.org", "alice+tag@example.org", "ali@example.org", "ali+x@example.org",
            "nested@example.org", "whoever@bücher.example",
        ] {
            #expect(try await may(alice, address), "\(address)")
            #expect(try await !may(bob, address), "\(address)")
        }
        for address in ["team@example.org", "nobody@example.org", "alice@elsewhere.example", "real@bücher.example"] {
            #expect(try await !may(alice, address), "\(address)")
        }
        #expect(
            try await fixture.book.addresses(of: alice).map(\.description) == ["alice@example.org", "ali@example.org"])
    }
}
