package import Accounts
package import MailModel
package import MailStore
package import SessionIO

/// Serves POP3 on any number of connections.
package final class POP3Service: Sendable {
    let settings: POP3Settings
    let authenticator: Authenticator
    let openAccount: @Sendable (AccountID) async throws(StoreError) -> any AccountStore
    /// For STLS; nil: not offered.
    let tls: TLSIdentitySource?
    let now: @Sendable () -> Timestamp
    let metrics = POP3Metrics()

    /// - Parameters:
    ///   - openAccount: finds the account's store, wherever it lives.
    ///   - now: the wall clock, for policies that delete by age.
    package init(
        settings: POP3Settings, authenticator: Authenticator, tls: TLSIdentitySource?,
        openAccount: @escaping @Sendable (AccountID) async throws(StoreError) -> any AccountStore,
        now: @escaping @Sendable () -> Timestamp = SystemClock.now
    ) {
        self.settings = settings
        self.authenticator = authenticator
        self.tls = tls
        self.openAccount = openAccount
        self.now = now
    }

    /// What a peer gets that is one connection too many (RFC 3206 §4).
    package static let refusal = "-ERR [SYS/TEMP] Too many connections; try again later.\r\n"

    /// One session, from the greeting to its end: the session function of a `SessionServer.Service`.
    package func serve(_ connection: Connection) async {
        metrics.sessionBegan()
        await POP3Session(self, connection).run()
    }
}
