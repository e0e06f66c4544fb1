package import Accounts
package import MailModel
package import MailStore
package import SessionIO

/// Serves IMAP on any number of connections.
package final class IMAPService: Sendable {
    let settings: IMAPSettings
    let authenticator: Authenticator
    let openAccount: @Sendable (AccountID) async throws(StoreError) -> any AccountStore
    let stage: @Sendable (AccountID, Int?) -> any MessageStager
    /// For STARTTLS; nil: not offered.
    let tls: TLSIdentitySource?
    let now: @Sendable () -> Timestamp
    let recent: RecentMessages
    let metrics = IMAPMetrics()
    let searchWorkers: any SearchWorkers
    let searchTurns: SearchTurns

    /// - Parameters:
    ///   - openAccount: finds the account's store, wherever it lives.
    ///   - stage: begins taking in a message for an account; the number is a hint of its size.
    ///   - now: the wall clock.
    ///   - searchWorkers: where texts are searched.
    package init(
        settings: IMAPSettings, authenticator: Authenticator, tls: TLSIdentitySource?,
        openAccount: @escaping @Sendable (AccountID) async throws(StoreError) -> any AccountStore,
        stage: @escaping @Sendable (AccountID, Int?) -> any MessageStager,
        now: @escaping @Sendable () -> Timestamp = SystemClock.now, searchWorkers: any SearchWorkers = SearchThreads()
    ) {
        self.settings = settings
        self.authenticator = authenticator
        self.tls = tls
        self.openAccount = openAccount
        self.stage = stage
        self.now = now
        self.searchWorkers = searchWorkers
        searchTurns = SearchTurns(limit: settings.searchesPerAccount)
        recent = RecentMessages(start: now())
    }

    /// For a server of one shard.
    package convenience init(
        settings: IMAPSettings, authenticator: Authenticator, tls: TLSIdentitySource?, shard: any Shard,
        now: @escaping @Sendable () -> Timestamp = SystemClock.now, searchWorkers: any SearchWorkers = SearchThreads()
    ) {
        self.init(
            settings: settings, authenticator: authenticator, tls: tls,
            openAccount: { (id) async throws(StoreError) in try await shard.account(id) },
            stage: { shard.stage(expectedSize: $1) }, now: now,
            searchWorkers: searchWorkers)
    }

    /// What a peer gets that is one connection too many.
    package static let refusal = "* BYE [UNAVAILABLE] Too many connections; try again later.\r\n"

    /// One session, from the greeting to its end: the session function of a `SessionServer.Service`.
    package func serve(_ connection: Connection) async {
        metrics.began()
        await IMAPSession(self, connection).run()
    }
}
