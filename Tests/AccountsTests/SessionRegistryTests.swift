import Accounts
import MailModel
import MailStore
import Testing

@Suite struct SessionRegistryTests {
    /// Logs in, registers, does `change`, and waits for the end of the session.
    private func end(
        _ service: ProtocolSet = .imap, after change: (Fixture) async throws -> Void
    ) async throws -> SessionEnd? {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        let account = try await fixture.login("alice@example.org", Fixture.password, service).get()
        let (ends, continuation) = AsyncStream.makeStream(of: SessionEnd.self)
        let registration = try #require(
            fixture.sessions.register(account, service: service) { continuation.yield($0) })
        #expect(fixture.sessions.count() == 1)
        try await change(fixture)
        await fixture.sessions.examine(account.record.id)
        let isOver = fixture.sessions.count() == 0
        registration.release()
        #expect(fixture.sessions.count(of: account.record.id) == 0)
        guard isOver else { return nil }
        for await end in ends { return end }
        return nil
    }

    @Test func changedPasswordEnds() async throws {
        let end = try await end { fixture in
            try await fixture.administration.setPassword(
                "something else", account: "alice@example.org", actor: .commandLine)
        }
        #expect(end == .credentialsChanged)
    }

    @Test func disablingEnds() async throws {
        let end = try await end { fixture in
            _ = try await fixture.administration.setEnabled(false, account: "alice@example.org", actor: .commandLine)
        }
        #expect(end == .accountDisabled)
    }

    @Test func removalEnds() async throws {
        let end = try await end { try await $0.administration.removeAccount("alice@example.org", actor: .commandLine) }
        #expect(end == .accountRemoved)
    }

    @Test func closedProtocolEndsItsSessionsOnly() async throws {
        let change: (Fixture) async throws -> Void = { fixture in
            var change = AccountChange()
            change.protocols = [.imap, .submission]
            _ = try await fixture.administration.setAccount("alice@example.org", change, actor: .commandLine)
        }
        #expect(try await end(.pop3, after: change) == .protocolNotAllowed)
        #expect(try await end(.imap, after: change) == nil)
    }

    @Test func otherChangesEndNothing() async throws {
        let end = try await end { fixture in
            var change = AccountChange()
            change.name = "Alice"
            _ = try await fixture.administration.setAccount("alice@example.org", change, actor: .commandLine)
            try await fixture.add("bob@example.org")
        }
        #expect(end == nil)
    }

    @Test func changeBetweenLoginAndRegistrationIsNoticed() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        let account = try await fixture.login("alice@example.org").get()
        try await fixture.administration.setPassword(
            "something else", account: "alice@example.org", actor: .commandLine)
        let (ends, continuation) = AsyncStream.makeStream(of: SessionEnd.self)
        let registration = try #require(fixture.sessions.register(account, service: .imap) { continuation.yield($0) })
        for await end in ends {
            #expect(end == .credentialsChanged)
            break
        }
        registration.release()
    }

    @Test func releasedRegistrationIsGone() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        let account = try await fixture.login("alice@example.org").get()
        do {
            let registration = try #require(fixture.sessions.register(account, service: .imap) { _ in })
            #expect(fixture.sessions.count() == 1)
            registration.release()
            registration.release()
        }
        #expect(fixture.sessions.count() == 0)
    }

    @Test func anAccountHasItsShareOfSessions() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        let account = try await fixture.login("alice@example.org").get()
        let sessions = SessionRegistry(directory: fixture.directory, limit: 1)
        let first = sessions.register(account, service: .imap) { _ in }
        #expect(first != nil)
        #expect(sessions.register(account, service: .imap) { _ in } == nil)
        #expect(sessions.register(account, service: .pop3) { _ in } != nil)
        first?.release()
        #expect(sessions.register(account, service: .imap) { _ in } != nil)
    }
}
