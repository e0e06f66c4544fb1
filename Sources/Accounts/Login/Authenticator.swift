package import Logging
package import MailModel
package import MailStore
package import SASLMechanisms
import Synchronization

/// Checks who somebody is: passwords, SCRAM proofs, and what the account allows.
///
/// The order hides as much as it can: limits first, then the password (a decoy takes as long where there is no account),
/// and only somebody who knows the password learns that the account is disabled or the protocol is closed.
package final class Authenticator: Sendable {
    package struct Settings: Sendable {
        package var limits = LoginLimits()
        /// Completes login names without `@`.
        package var defaultDomain: DomainName?
        /// Seconds for which a right password need not be hashed again.
        package var remember: Int64 = 120
        package init() {}
    }

    /// More credentials than this are not tried for one password.
    private static let candidateLimit = 16
    private static let secretName = "scram.fakeSaltSecret"

    package let sessions: SessionRegistry
    private let directory: any DirectoryStore
    private let hasher: PasswordHasher
    private let settings: Settings
    private let limiter: Mutex<LoginLimiter>
    private let recent: RecentLogins
    private let now: @Sendable () -> Timestamp
    private let pause: @Sendable (_ seconds: Int) async -> Void
    private let log: Logger
    private let secret = Mutex<[UInt8]?>(nil)
    private let subscription = Mutex<StoreSubscription?>(nil)
    private let decoy = SCRAMVerifier.fake(user: "", serverSecret: Randomness.bytes(16)).text

    /// - Parameters:
    ///   - sessions: made for the same directory.
    ///   - now: the wall clock.
    ///   - pause: waits, where an address is to be slowed down.
    package init(
        directory: any DirectoryStore, sessions: SessionRegistry, hasher: PasswordHasher,
        settings: Settings = Settings(),
        log: Logger = Logger(label: "login"), now: @escaping @Sendable () -> Timestamp = SystemClock.now,
        pause: @escaping @Sendable (_ seconds: Int) async -> Void = { try? await Task.sleep(for: .seconds($0)) }
    ) {
        self.directory = directory
        self.sessions = sessions
        self.hasher = hasher
        self.settings = settings
        self.log = log
        self.now = now
        self.pause = pause
        limiter = Mutex(LoginLimiter(limits: settings.limits))
        let recent = RecentLogins(lifetime: settings.remember)
        self.recent = recent
        let subscription = directory.subscribe { change in
            if case .account(let account) = change { recent.forget(account) }
        }
        self.subscription.withLock { $0 = subscription }
    }

    /// A login with a password in the clear: PLAIN, LOGIN, IMAP's LOGIN command, POP3's USER and PASS.
    package func login(
        user: String, password: String, _ context: LoginContext
    ) async throws(LoginFailure) -> AuthenticatedAccount {
        guard let user = SASLPrep.prepare(user), let password = SASLPrep.prepare(password), !password.isEmpty else {
            throw .invalidCredentials
        }
        return try await login(
            SASLPassword(identity: SASLIdentity(authenticationID: user), password: password), context)
    }

    /// A login with the outcome of a password mechanism.
    package func login(
        _ password: SASLPassword, _ context: LoginContext
    ) async throws(LoginFailure) -> AuthenticatedAccount {
        let name = loginKey(password.identity.authenticationID)
        try await admit(name, context)
        let generation = sessions.generation
        let (record, credentials) = try await lookUp(name)
        let candidates = Array(
            credentials.filter { $0.isPasswordCheck(among: credentials) }.prefix(Self.candidateLimit))
        let match: CredentialRecord?
        if let known = candidates.first(where: { recent.contains(password.password, $0, now: now()) }) {
            match = known
        } else {
            match = try await hashed(password.password, candidates)
        }
        guard let record, let match, isSame(password.identity.authorizationID, as: record) else {
            throw refuse(name, .invalidCredentials, context)
        }
        succeed(name, context)
        try allow(record, match.credential, context)
        recent.insert(password.password, match, now: now())
        await addSCRAM(password.password, match, credentials)
        return accept(record, match, generation, context)
    }

    /// The verifier for a SCRAM exchange: the account's, or one that is made up but always the same for that name.
    package func beginSCRAM(
        _ identity: SASLIdentity, _ context: LoginContext
    ) async throws(LoginFailure) -> SCRAMAttempt {
        let name = loginKey(identity.authenticationID)
        try await admit(name, context)
        let generation = sessions.generation
        let (record, credentials) = try await lookUp(name)
        // SCRAM knows one verifier a user: the main password's, else the oldest there is.
        let usable = credentials.filter { $0.credential.kind == .scramSHA256 }
        let chosen = usable.first { $0.credential.label == "password" } ?? usable.min { $0.id < $1.id }
        let fake = SCRAMVerifier.fake(
            user: name, serverSecret: try await fakeSecret(), iterations: hasher.iterations)
        // One is read in any case, so that a name without any takes no less time.
        let verifier = SCRAMVerifier(text: chosen?.credential.verifier ?? decoy)
        guard let record, let chosen, let verifier else {
            return SCRAMAttempt(
                verifier: fake, name: name, account: nil, credential: 0, authorizationID: nil, generation: generation)
        }
        return SCRAMAttempt(
            verifier: verifier, name: name, account: record.id, credential: chosen.id,
            authorizationID: identity.authorizationID, generation: generation)
    }

    /// Call when the exchange ended with success.
    package func finishSCRAM(
        _ attempt: SCRAMAttempt, _ context: LoginContext
    ) async throws(LoginFailure) -> AuthenticatedAccount {
        // Read anew: the exchange took the client as long as it liked.
        let (record, credentials) = try await lookUp(attempt.name)
        guard let record, record.id == attempt.account,
            let match = credentials.first(where: { $0.id == attempt.credential }),
            isSame(attempt.authorizationID, as: record)
        else { throw refuse(attempt.name, .invalidCredentials, context) }
        succeed(attempt.name, context)
        try allow(record, match.credential, context)
        return accept(record, match, attempt.generation, context)
    }

    /// Call when the exchange ended with a failure, so that wrong proofs are counted.
    package func failSCRAM(_ attempt: SCRAMAttempt, _ failure: SASLFailure, _ context: LoginContext) {
        guard !failure.isMalformed else { return }
        _ = refuse(attempt.name, .invalidCredentials, context)
    }

    // MARK: Steps

    /// What login names are compared by: an address without case, the default domain added where none is given.
    private func loginKey(_ name: String) -> String {
        if let address = EmailAddress(name) { return address.key }
        if let domain = settings.defaultDomain, let address = EmailAddress(localPart: name, domain: domain) {
            return address.key
        }
        return name.lowercased()
    }

    private func admit(_ name: String, _ context: LoginContext) async throws(LoginFailure) {
        switch limiter.withLock({ $0.admit(name, from: context.peer, now: now()) }) {
        case .proceed: break
        case .delay(let seconds): await pause(seconds)
        case .refuse(let seconds):
            note("login refused: too many failures", name, context)
            throw .rateLimited(retryAfterSeconds: seconds)
        }
    }

    private func lookUp(_ name: String) async throws(LoginFailure) -> (AccountRecord?, [CredentialRecord]) {
        guard let address = EmailAddress(name) else { return (nil, []) }
        do throws(StoreError) {
            let record = try await directory.account(address: address)
            // Nobody has the account 0: an unknown name costs as many look-ups as a known one.
            return (record, try await directory.credentials(of: record?.id ?? AccountID(0)))
        } catch {
            log.error("directory not available for login", metadata: ["cause": "\(error)"])
            throw .temporarilyUnavailable
        }
    }

    private func hashed(
        _ password: String, _ candidates: [CredentialRecord]
    ) async throws(LoginFailure) -> CredentialRecord? {
        do throws(HashingPool.Overloaded) {
            return try await hasher.match(password, candidates)
        } catch {
            throw .temporarilyUnavailable
        }
    }

    /// Acting as another user is not offered (RFC 4422 §3.4.1): an authorization identity must name the same account.
    private func isSame(_ authorizationID: String?, as record: AccountRecord) -> Bool {
        guard let authorizationID else { return true }
        return loginKey(authorizationID) == record.address.key
    }

    private func allow(_ record: AccountRecord, _ credential: NewCredential, _ context: LoginContext)
        throws(LoginFailure)
    {
        let failure: LoginFailure
        if !record.isEnabled {
            failure = .disabled
        } else if !record.protocols.isSuperset(of: context.service) || !credential.scope.isSuperset(of: context.service)
        {
            failure = .protocolNotAllowed
        } else if !isAllowed(context.peer, by: record.networks) {
            failure = .networkNotAllowed
        } else if let expires = credential.expires, expires <= now() {
            failure = .expired
        } else {
            return
        }
        note("login refused: \(failure.label)", record.address.key, context)
        throw failure
    }

    private func isAllowed(_ peer: PeerAddress?, by networks: [String]) -> Bool {
        guard !networks.isEmpty, let peer else { return true }
        return networks.contains { NetworkRange($0)?.contains(peer) == true }
    }

    private func succeed(_ name: String, _ context: LoginContext) {
        limiter.withLock { $0.succeeded(name, from: context.peer, now: now()) }
    }

    private func refuse(_ name: String, _ failure: LoginFailure, _ context: LoginContext) -> LoginFailure {
        limiter.withLock { $0.failed(name, from: context.peer, now: now()) }
        note("login failed", name, context)
        return failure
    }

    private func accept(
        _ record: AccountRecord, _ credential: CredentialRecord, _ generation: UInt64, _ context: LoginContext
    ) -> AuthenticatedAccount {
        note("login", record.address.key, context)
        return AuthenticatedAccount(
            record: record, credential: credential.id, label: credential.credential.label, generation: generation)
    }

    private func note(_ message: Logger.Message, _ name: String, _ context: LoginContext) {
        log.info(
            message,
            metadata: [
                "session": .string(context.session), "account": .string(name),
                "peer": "\(context.peer?.description ?? "local")",
                "tls": "\(context.isEncrypted)",
            ])
    }

    /// An imported hash cannot serve SCRAM; the first time its password is seen, a verifier is added beside it.
    private func addSCRAM(_ password: String, _ match: CredentialRecord, _ all: [CredentialRecord]) async {
        let label = match.credential.label
        guard match.credential.kind != .scramSHA256,
            !all.contains(where: { $0.credential.kind == .scramSHA256 && $0.credential.label == label }),
            let verifier = try? await hasher.scram(for: password, like: match.credential)
        else { return }
        do throws(StoreError) {
            try await directory.setCredentials([verifier], of: match.account, replacing: .nothing, actor: .system)
        } catch {
            log.warning("SCRAM verifier not stored", metadata: ["account": "\(match.account)", "cause": "\(error)"])
        }
    }

    /// Random, made once for the life of the data folder.
    private func fakeSecret() async throws(LoginFailure) -> [UInt8] {
        if let secret = secret.withLock({ $0 }) { return secret }
        do throws(StoreError) {
            var value = try await directory.setting(Self.secretName, tenant: nil) ?? []
            if value.count < 16 {
                value = Randomness.bytes(32)
                try await directory.setSetting(Self.secretName, to: value, tenant: nil, actor: .system)
            }
            // Of two that raced, the one kept here first is used until the next start reads the one stored last.
            return secret.withLock { secret in
                let kept = secret ?? value
                secret = kept
                return kept
            }
        } catch {
            throw .temporarilyUnavailable
        }
    }
}

extension CredentialRecord {
    /// Whether passwords are checked against this row: a SCRAM verifier is used only where nothing better has its label.
    fileprivate func isPasswordCheck(among all: [CredentialRecord]) -> Bool {
        credential.kind != .scramSHA256
            || !all.contains { $0.credential.label == credential.label && $0.credential.kind != .scramSHA256 }
    }
}
