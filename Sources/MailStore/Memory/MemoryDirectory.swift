import MailModel

/// The directory's rows in memory.
final class MemoryDirectory: DirectoryStore {
    private let state: MemoryState
    private let now: @Sendable () -> Timestamp

    init(state: MemoryState, now: @escaping @Sendable () -> Timestamp) {
        self.state = state
        self.now = now
    }

    private func change(
        _ event: DirectoryChange, _ body: (inout MemoryState.Data) throws(StoreError) -> Void
    ) throws(StoreError) {
        try state.access(body)
        state.directorySubscribers.notify(event)
    }

    func domains(tenant: TenantID?) async throws(StoreError) -> [DomainRecord] {
        state.access { data in
            data.domains.values.filter { tenant == nil || $0.tenant == tenant }.sorted { $0.name.ascii < $1.name.ascii }
        }
    }

    func addDomain(_ domain: DomainRecord, actor: Actor) async throws(StoreError) {
        try change(.routing) { data throws(StoreError) in
            guard data.domains[domain.name.ascii] == nil else { throw .alreadyExists("domain \(domain.name)") }
            data.domains[domain.name.ascii] = domain
        }
    }

    func updateDomain(_ domain: DomainRecord, actor: Actor) async throws(StoreError) {
        try change(.routing) { data throws(StoreError) in
            guard data.domains[domain.name.ascii] != nil else { throw .notFound("domain \(domain.name)") }
            data.domains[domain.name.ascii] = domain
        }
    }

    func removeDomain(_ name: DomainName, actor: Actor) async throws(StoreError) {
        try change(.routing) { data throws(StoreError) in
            let inUse =
                data.accounts.values.contains { $0.state.values.record.address.domain == name }
                || data.aliases.values.contains { $0.address.domain == name }
            guard !inUse else { throw .notAllowed("domain \(name) still has accounts, aliases or groups") }
            guard data.domains.removeValue(forKey: name.ascii) != nil else { throw .notFound("domain \(name)") }
        }
    }

    func accounts(after: String?, limit: Int) async throws(StoreError) -> [AccountRecord] {
        state.access { data in
            let records = data.accounts.values.map(\.state.values.record).sorted { $0.address.key < $1.address.key }
            return Array(
                records.drop { record in after.map { record.address.key <= $0 } ?? false }.prefix(max(limit, 0)))
        }
    }

    func account(_ id: AccountID) async throws(StoreError) -> AccountRecord? {
        state.access { data in data.accounts[id.rawValue]?.state.values.record }
    }

    func account(address: EmailAddress) async throws(StoreError) -> AccountRecord? {
        state.access { data in
            data.addresses[address.key].flatMap { data.accounts[$0]?.state.values.record }
        }
    }

    func addAccount(
        _ account: NewAccount, credentials: [NewCredential], aliases: [EmailAddress], actor: Actor
    ) async throws(StoreError) -> AccountRecord {
        let record = try state.access { data throws(StoreError) in
            guard data.domains[account.address.domain.ascii] != nil else {
                throw .notFound("domain \(account.address.domain)")
            }
            var taken: Set<String> = []
            for address in [account.address] + aliases {
                guard data.addresses[address.key] == nil, data.aliases[address.key] == nil,
                    taken.insert(address.key).inserted
                else { throw .alreadyExists("address \(address)") }
            }
            let id = data.nextAccountID
            data.nextAccountID += 1
            let record = AccountRecord(new: account, id: AccountID(id))
            data.accounts[id] = MemoryAccountData(SystemFolders.newAccount(record))
            data.addresses[account.address.key] = id
            for alias in aliases {
                data.aliases[alias.key] = AliasRecord(
                    address: alias, tenant: account.tenant, targets: [account.address])
            }
            for credential in credentials { data.add(credential, of: record.id) }
            return record
        }
        state.directorySubscribers.notify(.routing)
        return record
    }

    func updateAccount(_ account: AccountRecord, actor: Actor) async throws(StoreError) {
        try change(.account(account.id)) { data throws(StoreError) in
            guard let old = data.accounts[account.id.rawValue] else { throw .notFound("account \(account.id)") }
            old.state.values.record = account.keepingIdentity(of: old.state.values.record)
        }
    }

    func removeAccount(_ id: AccountID, actor: Actor) async throws(StoreError) {
        try change(.account(id)) { data throws(StoreError) in
            guard let gone = data.accounts.removeValue(forKey: id.rawValue) else { throw .notFound("account \(id)") }
            data.addresses[gone.state.values.record.address.key] = nil
            data.credentials.removeAll { $0.account == id }
            data.handles[id.rawValue] = nil
        }
        state.directorySubscribers.notify(.routing)
    }

    func aliases(matching target: EmailAddress?) async throws(StoreError) -> [AliasRecord] {
        state.access { data in
            data.aliases.values.filter { alias in target.map(alias.targets.contains) ?? true }
                .sorted { $0.address.key < $1.address.key }
        }
    }

    func alias(address: EmailAddress) async throws(StoreError) -> AliasRecord? {
        state.access { data in data.aliases[address.key] }
    }

    func setAlias(_ alias: AliasRecord, actor: Actor) async throws(StoreError) {
        try change(.routing) { data throws(StoreError) in
            guard data.domains[alias.address.domain.ascii] != nil else {
                throw .notFound("domain \(alias.address.domain)")
            }
            guard data.addresses[alias.address.key] == nil else { throw .alreadyExists("address \(alias.address)") }
            guard !alias.targets.isEmpty else { throw .notAllowed("an alias has at least one target") }
            data.aliases[alias.address.key] = alias
        }
    }

    func removeAlias(_ address: EmailAddress, actor: Actor) async throws(StoreError) {
        try change(.routing) { data throws(StoreError) in
            guard data.aliases.removeValue(forKey: address.key) != nil else { throw .notFound("alias \(address)") }
        }
    }

    func credentials(of account: AccountID) async throws(StoreError) -> [CredentialRecord] {
        state.access { data in data.credentials.filter { $0.account == account } }
    }

    func setCredentials(
        _ credentials: [NewCredential], of account: AccountID, replacing: CredentialReplacement, actor: Actor
    ) async throws(StoreError) {
        try change(.account(account)) { data throws(StoreError) in
            guard data.accounts[account.rawValue] != nil else { throw .notFound("account \(account)") }
            data.credentials.removeAll { $0.account == account && replacing.covers($0.credential.label) }
            for credential in credentials { data.add(credential, of: account) }
        }
    }

    func setting(_ name: String, tenant: TenantID?) async throws(StoreError) -> [UInt8]? {
        state.access { data in data.settings["\(tenant?.rawValue ?? 0)/\(name)"] }
    }

    func setSetting(
        _ name: String, to value: [UInt8]?, tenant: TenantID?, actor: Actor
    ) async throws(StoreError) {
        state.access { data in data.settings["\(tenant?.rawValue ?? 0)/\(name)"] = value }
    }

    func subscribe(_ handler: @escaping @Sendable (DirectoryChange) -> Void) -> StoreSubscription {
        state.directorySubscribers.add(handler)
    }
}

extension MemoryState.Data {
    fileprivate mutating func add(_ credential: NewCredential, of account: AccountID) {
        credentials.append(CredentialRecord(id: nextCredentialID, account: account, credential: credential))
        nextCredentialID += 1
    }
}
