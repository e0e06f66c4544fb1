package import MailModel
package import MailStore
import Synchronization

/// Why a live session must end.
package enum SessionEnd: Hashable, Sendable {
    /// The credential it logged in with was replaced or removed.
    case credentialsChanged
    case accountDisabled
    case accountRemoved
    /// The account may no longer use the protocol.
    case protocolNotAllowed
}

/// All live sessions that have logged in, so that a change of password, a disabling or a removal ends them at once.
///
/// Listens to the directory: on each change of an account, its sessions' right to be is examined anew.
package final class SessionRegistry: Sendable {
    private struct Entry: Sendable {
        let credential: Int64
        let service: ProtocolSet
        let end: @Sendable (SessionEnd) -> Void
    }

    private struct State {
        var next: UInt64 = 0
        var sessions: [AccountID: [UInt64: Entry]] = [:]
        var count = 0
        /// Counts changes of any account: a login that began before a change and registers after it is looked at again.
        var generation: UInt64 = 0

        mutating func remove(_ number: UInt64, of account: AccountID) {
            guard sessions[account]?.removeValue(forKey: number) != nil else { return }
            count -= 1
            if sessions[account]?.isEmpty == true { sessions[account] = nil }
        }
    }

    private let directory: any DirectoryStore
    private let limit: Int
    private let state = Mutex(State())
    private let subscription = Mutex<StoreSubscription?>(nil)

    /// - Parameter limit: sessions of one account and protocol at a time.
    package init(directory: any DirectoryStore, limit: Int = .max) {
        self.directory = directory
        self.limit = limit
        let subscription = directory.subscribe { [weak self] change in
            guard case .account(let account) = change, let self else { return }
            self.state.withLock { $0.generation += 1 }
            Task { await self.examine(account) }
        }
        self.subscription.withLock { $0 = subscription }
    }

    /// Enters a session; nil if the account has as many as it may have. `end` is called at most once, from any thread, and must only wake the session. The session is
    /// taken out when the registration is released.
    package func register(
        _ account: AuthenticatedAccount, service: ProtocolSet, end: @escaping @Sendable (SessionEnd) -> Void
    ) -> SessionRegistration? {
        let id = account.record.id
        let entered = state.withLock { state -> (number: UInt64, isStale: Bool)? in
            let others = state.sessions[id]?.values.count { $0.service == service } ?? 0
            guard others < limit else { return nil }
            state.next += 1
            state.count += 1
            state.sessions[id, default: [:]][state.next] = Entry(
                credential: account.credential, service: service, end: end)
            return (state.next, state.generation != account.generation)
        }
        guard let (number, isStale) = entered else { return nil }
        if isStale { Task { await self.examine(id) } }
        return SessionRegistration { [weak self] in self?.remove(number, of: id) }
    }

    /// Live sessions, of one account or of all.
    package func count(of account: AccountID? = nil) -> Int {
        state.withLock { state in account.map { state.sessions[$0]?.count ?? 0 } ?? state.count }
    }

    var generation: UInt64 { state.withLock { $0.generation } }

    /// Ends those sessions of `account` that may no longer be. If the directory cannot answer, asks again each second
    /// for half a minute; after that, the next change of the account decides.
    package func examine(_ account: AccountID) async {
        for _ in 0..<30 {
            if await decide(account) { return }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// False if the directory did not answer.
    private func decide(_ account: AccountID) async -> Bool {
        guard state.withLock({ $0.sessions[account] != nil }) else { return true }
        let record: AccountRecord?
        let credentials: Set<Int64>
        do throws(StoreError) {
            record = try await directory.account(account)
            credentials = record == nil ? [] : Set(try await directory.credentials(of: account).map(\.id))
        } catch {
            return false
        }
        var ending: [(@Sendable (SessionEnd) -> Void, SessionEnd)] = []
        state.withLock { state in
            for (number, entry) in state.sessions[account] ?? [:] {
                guard let reason = Self.reason(toEnd: entry, record, credentials) else { continue }
                state.remove(number, of: account)
                ending.append((entry.end, reason))
            }
        }
        for (end, reason) in ending { end(reason) }
        return true
    }

    private static func reason(toEnd entry: Entry, _ record: AccountRecord?, _ credentials: Set<Int64>) -> SessionEnd? {
        guard let record else { return .accountRemoved }
        if !record.isEnabled { return .accountDisabled }
        if !record.protocols.isSuperset(of: entry.service) { return .protocolNotAllowed }
        return credentials.contains(entry.credential) ? nil : .credentialsChanged
    }

    private func remove(_ number: UInt64, of account: AccountID) {
        state.withLock { $0.remove(number, of: account) }
    }
}

/// Keeps a session in the registry until released.
package final class SessionRegistration: Sendable {
    private let onRelease: @Sendable () -> Void
    init(onRelease: @escaping @Sendable () -> Void) { self.onRelease = onRelease }
    package func release() { onRelease() }
    deinit { onRelease() }
}
