import Accounts
import Dispatch
import MailModel
import MailStore
import Testing

@Suite struct RecentLoginTests {
    @Test func repeatedLoginsCostNoHash() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        try await fixture.add("bob@example.org")
        let pool = HashingPool(threads: 1, limit: 1)
        var settings = Authenticator.Settings()
        settings.remember = 60
        let clock = fixture.clock
        let authenticator = Authenticator(
            directory: fixture.directory, sessions: fixture.sessions,
            hasher: PasswordHasher(pool: pool, cost: Argon2Hash.Cost(kibibytes: 8, passes: 1, lanes: 1)),
            settings: settings, now: { clock.now })
        func login(_ user: String, _ password: String = Fixture.password) async -> LoginFailure? {
            do throws(LoginFailure) {
                _ = try await authenticator.login(user: user, password: password, fixture.context())
                return nil
            } catch {
                return error
            }
        }
        #expect(await login("alice@example.org") == nil)

        // From here on the only thread is busy: whoever gets in needs no hash.
        let gate = DispatchSemaphore(value: 0)
        let (started, continuation) = AsyncStream.makeStream(of: Void.self)
        let busy = Task {
            try await pool.run {
                continuation.yield()
                gate.wait()
            }
        }
        for await _ in started { break }
        #expect(await login("alice@example.org") == nil)
        #expect(await login("alice@example.org", "wrong") == .temporarilyUnavailable)
        #expect(await login("bob@example.org") == .temporarilyUnavailable)
        clock.advance(60)
        #expect(await login("alice@example.org") == .temporarilyUnavailable)
        gate.signal()
        try await busy.value
        #expect(await login("alice@example.org") == nil)
    }
}
