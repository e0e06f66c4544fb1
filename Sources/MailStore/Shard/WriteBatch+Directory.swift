import MailModel

/// Changes of directory rows.
extension WriteBatch {
    /// Runs a statement without rows.
    func run(_ statement: StoreStatement, _ bind: (any SQLStatement) -> Void) throws(StoreError) {
        try sql { connection throws(SQLError) in
            let prepared = try connection.statement(statement)
            bind(prepared)
            try prepared.run()
        }
    }

    func exists(_ statement: StoreStatement, _ key: String) throws(StoreError) -> Bool {
        try sql { connection throws(SQLError) in
            let prepared = try connection.statement(statement)
            defer { prepared.finish() }
            prepared.bind(key)
            return try prepared.step()
        }
    }

    /// Makes the address this account's or alias's; refused if anybody has it or the domain is not ours.
    func claim(_ address: EmailAddress, tenant: TenantID, account: AccountID?) throws(StoreError) {
        guard try exists(.selectDomain, address.domain.ascii) else { throw .notFound("domain \(address.domain)") }
        guard try !exists(.selectAddress, address.key) else { throw .alreadyExists("address \(address)") }
        try run(.insertAddress) { statement in
            statement.bind(address.key)
            statement.bind(tenant.rawValue)
            statement.bind(address.domain.ascii)
            statement.bind(account?.rawValue)
        }
    }

    /// Rows of a new account and its folders.
    func insert(_ account: AccountState) throws(StoreError) {
        let values = account.values
        try run(.insertAccount) { statement in
            statement.bind(account.id.rawValue)
            statement.bind(values.record.tenant.rawValue)
            statement.bind(values.record.address.key)
            statement.bind(values.record.address.description)
            statement.bind(values.record.name)
            statement.bind(values.record.quota)
            statement.bind(values.record.isEnabled)
            statement.bind(Int64(values.record.protocols.rawValue))
            statement.bind(values.record.networks.joined(separator: " "))
            statement.bind(values.record.pop3.stored)
            statement.bind(values.record.created.rawValue)
            statement.bind(values.record.epoch)
            statement.bind(values.nextID)
            statement.bind(values.change)
            statement.bind(values.logFloor)
            statement.bind(Int64(values.nextValidity))
            statement.bind(values.bytes)
            statement.bind(values.messages)
        }
        try sql { connection throws(SQLError) in
            for folder in values.folders.values { try folder.insert(account.id, connection) }
        }
    }

    func write(_ alias: AliasRecord) throws(StoreError) {
        try run(.insertAlias) { statement in
            statement.bind(alias.address.key)
            statement.bind(alias.tenant.rawValue)
            statement.bind(alias.address.description)
            statement.bind(alias.isGroup)
        }
        for (ordinal, target) in alias.targets.enumerated() {
            try run(.insertAliasMember) { statement in
                statement.bind(alias.address.key)
                statement.bind(ordinal)
                statement.bind(alias.tenant.rawValue)
                statement.bind(target.key)
                statement.bind(target.description)
            }
        }
    }

    func insert(_ credential: NewCredential, of account: AccountRecord, created: Timestamp) throws(StoreError) {
        let id = next(\.nextCredential)
        try run(.insertCredential) { statement in
            statement.bind(account.id.rawValue)
            statement.bind(id)
            statement.bind(account.tenant.rawValue)
            statement.bind(credential.kind.rawValue)
            statement.bind(credential.verifier)
            statement.bind(credential.label)
            statement.bind(Int64(credential.scope.rawValue))
            statement.bind(credential.expires?.rawValue)
            statement.bind(created.rawValue)
        }
    }

    func audit(
        _ actor: Actor, _ action: String, _ object: String, tenant: TenantID? = nil, account: AccountID? = nil
    ) throws(StoreError) {
        let id = next(\.nextAudit)
        let time = options.now()
        try run(.insertAudit) { statement in
            statement.bind(id)
            statement.bind(time.rawValue)
            statement.bind(actor.name)
            statement.bind(tenant?.rawValue)
            statement.bind(account?.rawValue)
            statement.bind(action)
            statement.bind(object)
        }
    }

    /// One step of removing an account: nobody gets in any more, and some of its mail goes. False when all is gone.
    func disableAndEmpty(_ id: AccountID) throws(StoreError) -> Bool {
        let account = try account(id)
        if account.values.record.isEnabled {
            change(account)
            account.values.record.isEnabled = false
            try run(.updateAccount) { statement in
                statement.bind(account.values.record.name)
                statement.bind(account.values.record.quota)
                statement.bind(false)
                statement.bind(Int64(account.values.record.protocols.rawValue))
                statement.bind(account.values.record.networks.joined(separator: " "))
                statement.bind(account.values.record.pop3.stored)
                statement.bind(id.rawValue)
            }
            tell(.account(id))
        }
        let items = try connection.rows(
            .selectAllItemContent,
            { statement in
                statement.bind(id.rawValue)
                statement.bind(500)
            }, { ($0.integer(0), $0.integer(1), $0.integer(2)) })
        for (content, folder, uid) in items {
            _ = try release(content)
            try run(.deleteItem) { statement in
                statement.bind(id.rawValue)
                statement.bind(folder)
                statement.bind(uid)
            }
        }
        return !items.isEmpty
    }
}
