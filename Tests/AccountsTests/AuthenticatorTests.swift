import Accounts
import MailModel
import MailStore
import SASLMechanisms
import Testing

@Suite struct AuthenticatorTests {
    @Test func rightPasswordOpens() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        #expect(await fixture.login("alice@example.org").address == "alice@example.org")
        #expect(await fixture.login("ALICE@Example.ORG").address == "alice@example.org")
        #expect(await fixture.login("alice@example.org", "wrong").failure == .invalidCredentials)
        #expect(await fixture.login("nobody@example.org").failure == .invalidCredentials)
        #expect(await fixture.login("alice").failure == .invalidCredentials)
        #expect(await fixture.login("", "").failure == .invalidCredentials)
        #expect(await fixture.login("alice@example.org", "a\u{0}b").failure == .invalidCredentials)
    }

    @Test func internationalNames() async throws {
        let fixture = try await Fixture()
        try await fixture.add("jürgen@bücher.example", password: "Grüße an alle")
        // Decomposed and upper-case, the domain as A-label; the password in another normal form (RFC 4013).
        #expect(await fixture.login("JU\u{308}RGEN@xn--bcher-kva.example", "Gru\u{308}ße an alle").failure == nil)
    }

    @Test func defaultDomainCompletesNames() async throws {
        var settings = Authenticator.Settings()
        settings.defaultDomain = DomainName("example.org")
        let fixture = try await Fixture(settings)
        try await fixture.add("alice@example.org")
        #expect(await fixture.login("Alice").address == "alice@example.org")
    }

    @Test func closedDoorsAreToldOnlyToTheOwner() async throws {
        let fixture = try await Fixture()
        let administration = fixture.administration
        try await fixture.add("alice@example.org")
        var change = AccountChange()
        change.protocols = [.imap]
        change.networks = ["192.0.2.0/24"]
        _ = try await administration.setAccount("alice@example.org", change, actor: .commandLine)
        #expect(await fixture.login("alice@example.org", Fixture.password, .pop3).failure == .protocolNotAllowed)
        #expect(await fixture.login("alice@example.org", "wrong", .pop3).failure == .invalidCredentials)
        #expect(await fixture.login("alice@example.org", from: "198.51.100.1").failure == .networkNotAllowed)
        #expect(await fixture.login("alice@example.org", from: nil).failure == nil)
        _ = try await administration.setEnabled(false, account: "alice@example.org", actor: .commandLine)
        #expect(await fixture.login("alice@example.org").failure == .disabled)
        #expect(await fixture.login("alice@example.org", "wrong").failure == .invalidCredentials)
    }

    @Test func expiredPassword() async throws {
        let fixture = try await Fixture()
        let alice = try await fixture.add("alice@example.org")
        let made = try await fixture.hasher.credentials(
            for: "application secret", label: "phone", scope: .imap, expires: fixture.clock.now.adding(seconds: 60))
        try await fixture.directory.setCredentials(
            try #require(made), of: alice.id, replacing: .nothing, actor: .commandLine)
        #expect(try await fixture.login("alice@example.org", "application secret").get().label == "phone")
        #expect(
            await fixture.login("alice@example.org", "application secret", .submission).failure == .protocolNotAllowed)
        fixture.clock.advance(60)
        #expect(await fixture.login("alice@example.org", "application secret").failure == .expired)
        #expect(await fixture.login("alice@example.org").failure == nil)
    }

    @Test func changedPasswordIsNotRemembered() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        #expect(await fixture.login("alice@example.org").failure == nil)
        try await fixture.administration.setPassword(
            "something else", account: "alice@example.org", actor: .commandLine)
        #expect(await fixture.login("alice@example.org").failure == .invalidCredentials)
        #expect(await fixture.login("alice@example.org", "something else").failure == nil)
    }

    @Test func authorizationIdentityMustBeTheSame() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        try await fixture.add("bob@example.org")
        for (authorization, isRight) in [("alice@EXAMPLE.org", true), ("bob@example.org", false), ("", true)] {
            var login = SASLLogin(
                .plain, authenticator: fixture.authenticator, context: fixture.context(), channelBindings: [])
            let message = "\(authorization)\0alice@example.org\0\(Fixture.password)"
            guard case .success = await login.start(initialResponse: Array(message.utf8)) else {
                #expect(!isRight)
                continue
            }
            #expect(isRight)
        }
    }

    @Test func failuresAreLimitedButNotForTheOwner() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        #expect(await fixture.login("alice@example.org", from: "192.0.2.7").failure == nil)
        for _ in 0..<20 {
            #expect(
                await fixture.login("alice@example.org", "wrong", from: "203.0.113.5").failure == .invalidCredentials)
        }
        #expect(
            await fixture.login("alice@example.org", from: "203.0.113.5").failure == .rateLimited(retryAfterSeconds: 30)
        )
        #expect(await fixture.login("alice@example.org", from: "192.0.2.7").failure == nil)
        for _ in 0..<50 { _ = await fixture.login("alice@example.org", "old one", from: "192.0.2.7") }
        #expect(await fixture.login("alice@example.org", from: "192.0.2.7").failure == nil)
        #expect(fixture.pauses.all.max() == 5)
    }

    @Test func wordsForEachProtocol() {
        let failures: [LoginFailure] = [
            .invalidCredentials, .disabled, .protocolNotAllowed, .networkNotAllowed, .expired,
            .rateLimited(retryAfterSeconds: 1), .temporarilyUnavailable, .malformed,
        ]
        for failure in failures {
            let reply = failure.smtpReply
            #expect((400...599).contains(reply.code))
            #expect(reply.enhanced.hasPrefix(String(reply.code / 100)))
        }
        #expect(Set(failures.map(\.label)).count == failures.count)
        #expect(LoginFailure.invalidCredentials.imapResponseCode == "AUTHENTICATIONFAILED")
        #expect(LoginFailure.temporarilyUnavailable.pop3ResponseCode == "SYS/TEMP")
    }
}

extension Fixture {
    func login(_ user: String, _ password: String, _ service: ProtocolSet) async -> Result<
        AuthenticatedAccount, LoginFailure
    > {
        await login(user, password, from: "192.0.2.7", service)
    }
}
