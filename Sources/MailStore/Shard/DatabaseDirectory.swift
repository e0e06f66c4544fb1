import MailModel

/// The directory's rows in the shard's database.
final class DatabaseDirectory: DirectoryStore {
    private let writer: StoreWriter
    private let readers: Readers
    private let subscribers: Subscribers<DirectoryChange>
    private let now: @Sendable () -> Timestamp

    init(
        writer: StoreWriter, readers: Readers, subscribers: Subscribers<DirectoryChange>,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.writer = writer
        self.readers = readers
        self.subscribers = subscribers
        self.now = now
    }

    private func rows<Row: Sendable>(
        _ statement: StoreStatement, _ bind: @escaping @Sendable (any SQLStatement) -> Void = { _ in },
        _ row: @escaping @Sendable (any SQLStatement) throws(StoreError) -> Row
    ) async throws(StoreError) -> [Row] {
        try await readers.read { connection throws(StoreError) in
            try connection.rows(statement, bind, row)
        }
    }

    // MARK: Domains

    func domains(tenant: TenantID?) async throws(StoreError) -> [DomainRecord] {
        try await rows(.selectDomains) { row throws(StoreError) in try DomainRecord(row: row) }
            .filter { tenant == nil || $0.tenant == tenant }
    }

    func addDomain(_ domain: DomainRecord, actor: Actor) async throws(StoreError) {
        try await writer.perform { batch throws(StoreError) in
            guard try !batch.exists(.selectDomain, domain.name.ascii) else {
                throw .alreadyExists("domain \(domain.name)")
            }
            try batch.run(.insertDomain) { statement in
                statement.bind(domain.name.ascii)
                statement.bind(domain.tenant.rawValue)
                statement.bind(domain.catchAll?.description)
                statement.bind(domain.subaddressSeparator.map(String.init))
                statement.bind(domain.created.rawValue)
            }
            try batch.audit(actor, "domain.add", domain.name.ascii, tenant: domain.tenant)
            batch.tell(.routing)
        }
    }

    func updateDomain(_ domain: DomainRecord, actor: Actor) async throws(StoreError) {
        try await writer.perform { batch throws(StoreError) in
            guard try batch.exists(.selectDomain, domain.name.ascii) else { throw .notFound("domain \(domain.name)") }
            try batch.run(.updateDomain) { statement in
                statement.bind(domain.catchAll?.description)
                statement.bind(domain.subaddressSeparator.map(String.init))
                statement.bind(domain.name.ascii)
            }
            try batch.audit(actor, "domain.update", domain.name.ascii, tenant: domain.tenant)
            batch.tell(.routing)
        }
    }

    func removeDomain(_ name: DomainName, actor: Actor) async throws(StoreError) {
        try await writer.perform { batch throws(StoreError) in
            guard try batch.exists(.selectDomain, name.ascii) else { throw .notFound("domain \(name)") }
            guard try !batch.exists(.selectAddressInDomain, name.ascii) else {
                throw .notAllowed("domain \(name) still has accounts, aliases or groups")
            }
            try batch.run(.deleteDomain) { $0.bind(name.ascii) }
            try batch.audit(actor, "domain.remove", name.ascii)
            batch.tell(.routing)
        }
    }

    // MARK: Accounts

    func accounts(after: String?, limit: Int) async throws(StoreError) -> [AccountRecord] {
        try await readers.read { connection throws(StoreError) in
            try AccountRecord.read(.selectAccounts, connection) { statement in
                statement.bind(after ?? "")
                statement.bind(max(limit, 0))
            }
        }
    }

    func account(_ id: AccountID) async throws(StoreError) -> AccountRecord? {
        try await readers.read { connection throws(StoreError) in
            try AccountRecord.read(.selectAccount, connection) { $0.bind(id.rawValue) }.first
        }
    }

    func account(address: EmailAddress) async throws(StoreError) -> AccountRecord? {
        try await readers.read { connection throws(StoreError) in
            try AccountRecord.read(.selectAccountByAddress, connection) { $0.bind(address.key) }.first
        }
    }

    func addAccount(
        _ account: NewAccount, credentials: [NewCredential], aliases: [EmailAddress], actor: Actor
    ) async throws(StoreError) -> AccountRecord {
        try await writer.perform { [now] batch throws(StoreError) in
            let id = AccountID(batch.next(\.nextAccount))
            let record = AccountRecord(new: account, id: id)
            try batch.claim(account.address, tenant: account.tenant, account: id)
            let state = SystemFolders.newAccount(record)
            try batch.insert(state)
            for alias in aliases {
                try batch.claim(alias, tenant: account.tenant, account: nil)
                try batch.write(AliasRecord(address: alias, tenant: account.tenant, targets: [account.address]))
            }
            for credential in credentials { try batch.insert(credential, of: record, created: now()) }
            try batch.audit(actor, "account.add", account.address.key, tenant: account.tenant, account: id)
            batch.adopt(state)
            batch.tell(.routing)
            return record
        }
    }

    func updateAccount(_ account: AccountRecord, actor: Actor) async throws(StoreError) {
        try await writer.perform { batch throws(StoreError) in
            let state = try batch.account(account.id)
            batch.change(state)
            state.values.record = account.keepingIdentity(of: state.values.record)
            let record = state.values.record
            try batch.run(.updateAccount) { statement in
                statement.bind(record.name)
                statement.bind(record.quota)
                statement.bind(record.isEnabled)
                statement.bind(Int64(record.protocols.rawValue))
                statement.bind(record.networks.joined(separator: " "))
                statement.bind(record.pop3.stored)
                statement.bind(record.id.rawValue)
            }
            try batch.audit(actor, "account.update", record.address.key, tenant: record.tenant, account: record.id)
            batch.tell(.account(record.id))
        }
    }

    func removeAccount(_ id: AccountID, actor: Actor) async throws(StoreError) {
        // The mail goes in steps before the rest: one transaction over a large account would hold up everybody.
        while try await writer.perform({ batch throws(StoreError) in try batch.disableAndEmpty(id) }) {}
        try await writer.perform { batch throws(StoreError) in
            // What was delivered between the steps.
            while try batch.disableAndEmpty(id) {}
            let record = try batch.account(id).values.record
            try batch.run(.deleteAddress) { $0.bind(record.address.key) }
            for statement in StoreStatement.removal { try batch.run(statement) { $0.bind(id.rawValue) } }
            try batch.audit(actor, "account.remove", record.address.key, tenant: record.tenant, account: id)
            batch.drop(id)
            batch.tell(.account(id))
            batch.tell(.routing)
        }
    }

    // MARK: Aliases and groups

    func aliases(matching target: EmailAddress?) async throws(StoreError) -> [AliasRecord] {
        try await readers.read(isOneMoment: true) { connection throws(StoreError) in
            let heads = try connection.rows(
                target == nil ? .selectAliases : .selectAliasesByTarget, { if let target { $0.bind(target.key) } }
            ) { row throws(StoreError) in try AliasRecord(row: row) }
            return try heads.withMembers(connection)
        }
    }

    func alias(address: EmailAddress) async throws(StoreError) -> AliasRecord? {
        try await readers.read(isOneMoment: true) { connection throws(StoreError) in
            try connection.rows(.selectAlias, { $0.bind(address.key) }) { row throws(StoreError) in
                try AliasRecord(row: row)
            }
            .withMembers(connection).first
        }
    }

    func setAlias(_ alias: AliasRecord, actor: Actor) async throws(StoreError) {
        try await writer.perform { batch throws(StoreError) in
            guard !alias.targets.isEmpty else { throw .notAllowed("an alias has at least one target") }
            if try batch.exists(.selectAlias, alias.address.key) {
                try batch.run(.deleteAlias) { $0.bind(alias.address.key) }
                try batch.run(.deleteAliasMembers) { $0.bind(alias.address.key) }
            } else {
                try batch.claim(alias.address, tenant: alias.tenant, account: nil)
            }
            try batch.write(alias)
            try batch.audit(actor, "alias.set", alias.address.key, tenant: alias.tenant)
            batch.tell(.routing)
        }
    }

    func removeAlias(_ address: EmailAddress, actor: Actor) async throws(StoreError) {
        try await writer.perform { batch throws(StoreError) in
            guard try batch.exists(.selectAlias, address.key) else { throw .notFound("alias \(address)") }
            try batch.run(.deleteAlias) { $0.bind(address.key) }
            try batch.run(.deleteAliasMembers) { $0.bind(address.key) }
            try batch.run(.deleteAddress) { $0.bind(address.key) }
            try batch.audit(actor, "alias.remove", address.key)
            batch.tell(.routing)
        }
    }

    // MARK: Credentials and settings

    func credentials(of account: AccountID) async throws(StoreError) -> [CredentialRecord] {
        try await rows(.selectCredentials, { $0.bind(account.rawValue) }) { row throws(StoreError) in
            CredentialRecord(id: row.integer(0), account: account, credential: try NewCredential(row: row))
        }
    }

    func setCredentials(
        _ credentials: [NewCredential], of account: AccountID, replacing: CredentialReplacement, actor: Actor
    ) async throws(StoreError) {
        try await writer.perform { [now] batch throws(StoreError) in
            let record = try batch.account(account).values.record
            switch replacing {
            case .nothing: break
            case .all: try batch.run(.deleteAllCredentials) { $0.bind(account.rawValue) }
            case .label(let label):
                try batch.run(.deleteCredentialsByLabel) { statement in
                    statement.bind(account.rawValue)
                    statement.bind(label)
                }
            }
            for credential in credentials { try batch.insert(credential, of: record, created: now()) }
            try batch.audit(actor, "credential.set", record.address.key, tenant: record.tenant, account: account)
            batch.tell(.account(account))
        }
    }

    func setting(_ name: String, tenant: TenantID?) async throws(StoreError) -> [UInt8]? {
        try await rows(
            .selectSetting,
            { statement in
                statement.bind(tenant?.rawValue ?? 0)
                statement.bind(name)
            }, { $0.bytes(0) }
        ).first
    }

    func setSetting(
        _ name: String, to value: [UInt8]?, tenant: TenantID?, actor: Actor
    ) async throws(StoreError) {
        try await writer.perform { batch throws(StoreError) in
            try batch.run(value == nil ? .deleteSetting : .upsertSetting) { statement in
                statement.bind(tenant?.rawValue ?? 0)
                statement.bind(name)
                if let value { statement.bind(value) }
            }
            try batch.audit(actor, value == nil ? "setting.remove" : "setting.set", name, tenant: tenant)
        }
    }

    func subscribe(_ handler: @escaping @Sendable (DirectoryChange) -> Void) -> StoreSubscription {
        subscribers.add(handler)
    }
}

extension StoreStatement {
    /// What else an account has.
    fileprivate static let removal: [StoreStatement] = [
        .deleteAllItems, .deleteAllFolders, .deleteAllKeywordSets, .deleteAllChanges, .deleteAllThreads,
        .deleteAllOrphans,
        .deleteAllReadStates, .deleteAllRights, .deleteAllCredentials, .deleteAccount,
    ]
}

extension SQLConnection {
    /// All rows of a statement.
    func rows<Row>(
        _ statement: StoreStatement, _ bind: (any SQLStatement) -> Void,
        _ row: (any SQLStatement) throws(StoreError) -> Row
    ) throws(StoreError) -> [Row] {
        let prepared = try asStoreError { () throws(SQLError) in try self.statement(statement) }
        bind(prepared)
        return try prepared.rows(row)
    }

    /// Runs a statement without rows.
    func run(_ statement: StoreStatement, _ bind: (any SQLStatement) -> Void) throws(StoreError) {
        try asStoreError { () throws(SQLError) in
            let prepared = try self.statement(statement)
            bind(prepared)
            try prepared.run()
        }
    }
}

extension DomainRecord {
    init(row: any SQLStatement) throws(StoreError) {
        guard let name = DomainName(row.text(0)) else { throw .damaged("a domain has the name \(row.text(0))") }
        self.init(
            name: name, tenant: TenantID(row.integer(1)), catchAll: row.optionalText(2).flatMap { EmailAddress($0) },
            subaddressSeparator: row.optionalText(3)?.first, created: Timestamp(rawValue: row.integer(4)))
    }
}

extension AliasRecord {
    /// Without its members.
    init(row: any SQLStatement) throws(StoreError) {
        guard let address = EmailAddress(row.text(2)) else { throw .damaged("an alias has the address \(row.text(2))") }
        self.init(address: address, tenant: TenantID(row.integer(1)), targets: [], isGroup: row.integer(3) != 0)
    }
}

extension NewCredential {
    init(row: any SQLStatement) throws(StoreError) {
        guard let kind = CredentialKind(rawValue: Int(row.integer(1))) else {
            throw .damaged("credential \(row.integer(0)) is of an unknown kind")
        }
        self.init(
            kind: kind, verifier: row.text(2), label: row.text(3), scope: ProtocolSet(rawValue: Int(row.integer(4))),
            expires: row.optionalInteger(5).map { Timestamp(rawValue: $0) })
    }
}

extension [AliasRecord] {
    fileprivate func withMembers(_ connection: any SQLConnection) throws(StoreError) -> [AliasRecord] {
        var complete = self
        for index in complete.indices {
            let key = complete[index].address.key
            complete[index].targets = try connection.rows(.selectAliasMembers, { $0.bind(key) }) { $0.text(0) }
                .compactMap { EmailAddress($0) }
        }
        return complete
    }
}
