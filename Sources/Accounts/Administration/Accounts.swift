import MailModel
package import MailStore

extension AccountAdministration {
    /// The longest display name, in bytes.
    private static var nameLimit: Int { 255 }

    package func addAccount(_ specification: AccountSpecification, actor: Actor) async throws(AdministrationError)
        -> AccountRecord
    {
        let address = try address(specification.address)
        let domain = try await ownDomain(of: address)
        try check(name: specification.name)
        try check(quota: specification.quota)
        var aliases: [EmailAddress] = []
        for text in specification.aliases {
            let alias = try self.address(text)
            _ = try await ownDomain(of: alias)
            if alias != address, !aliases.contains(alias) { aliases.append(alias) }
        }
        // Looked up before the hashing, which takes its time; the store's own check decides.
        if try await existing(address) != nil { throw taken(address) }
        let credentials = try await credentials(for: specification.secret, of: address)
        let account = NewAccount(
            tenant: domain.tenant, address: address, name: specification.name, quota: specification.quota,
            created: now())
        do throws(StoreError) {
            return try await directory.addAccount(account, credentials: credentials, aliases: aliases, actor: actor)
        } catch {
            if case .alreadyExists = error { throw taken(address) }
            throw AdministrationError(error)
        }
    }

    /// The account of this very address (not of an alias).
    package func account(_ text: String) async throws(AdministrationError) -> AccountRecord {
        let address = try address(text)
        guard let record = try await existing(address) else {
            throw AdministrationError(
                .noSuchAccount, "there is no account “\(address)”", remedy: "`martlet account list` shows all")
        }
        return record
    }

    /// A page, ordered by address; `after` is the last address key of the page before.
    package func accounts(after: String? = nil, limit: Int = 1000) async throws(AdministrationError) -> [AccountRecord]
    {
        try await store { () async throws(StoreError) in try await self.directory.accounts(after: after, limit: limit) }
    }

    package func setAccount(_ text: String, _ change: AccountChange, actor: Actor) async throws(AdministrationError)
        -> AccountRecord
    {
        var record = try await account(text)
        if let name = change.name {
            try check(name: name)
            record.name = name
        }
        if let quota = change.quota {
            try check(quota: quota)
            record.quota = quota
        }
        if let isEnabled = change.isEnabled { record.isEnabled = isEnabled }
        if let protocols = change.protocols { record.protocols = protocols.intersection(.all) }
        if let networks = change.networks {
            for network in networks where NetworkRange(network) == nil {
                throw AdministrationError(
                    .invalidValue, "“\(network)” is not a network", remedy: "write it as 192.0.2.0/24 or 2001:db8::/32")
            }
            record.networks = networks
        }
        if let pop3 = change.pop3 {
            if case .expireAfter(let days) = pop3, !(0...36_500).contains(days) {
                throw AdministrationError(.invalidValue, "\(days) is not a number of days", remedy: "use 0 to 36500")
            }
            record.pop3 = pop3
        }
        let changed = record
        try await store { () async throws(StoreError) in try await self.directory.updateAccount(changed, actor: actor) }
        return record
    }

    package func setEnabled(_ isEnabled: Bool, account text: String, actor: Actor) async throws(AdministrationError)
        -> AccountRecord
    {
        var change = AccountChange()
        change.isEnabled = isEnabled
        return try await setAccount(text, change, actor: actor)
    }

    /// Removes the account with its mail, and the aliases that led to nobody else.
    package func removeAccount(_ text: String, actor: Actor) async throws(AdministrationError) {
        let record = try await account(text)
        let aliases = try await store { () async throws(StoreError) in
            try await self.directory.aliases(matching: record.address)
        }
        for var alias in aliases {
            alias.targets.removeAll { $0 == record.address }
            let changed = alias
            try await store { () async throws(StoreError) in
                if changed.targets.isEmpty {
                    try await self.directory.removeAlias(changed.address, actor: actor)
                } else {
                    try await self.directory.setAlias(changed, actor: actor)
                }
            }
        }
        try await store { () async throws(StoreError) in try await self.directory.removeAccount(record.id, actor: actor)
        }
    }

    func existing(_ address: EmailAddress) async throws(AdministrationError) -> AccountRecord? {
        try await store { () async throws(StoreError) in try await self.directory.account(address: address) }
    }

    private func taken(_ address: EmailAddress) -> AdministrationError {
        AdministrationError(
            .alreadyExists, "“\(address)” or one of its aliases is in use already",
            remedy: "choose another address, or remove the other account or alias first")
    }

    private func check(name: String) throws(AdministrationError) {
        guard name.utf8.count <= Self.nameLimit,
            name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw AdministrationError(
                .invalidValue, "the name is too long or has control characters",
                remedy: "use up to \(Self.nameLimit) bytes of plain text")
        }
    }

    private func check(quota: Int64?) throws(AdministrationError) {
        guard let quota, quota < 0 else { return }
        throw AdministrationError(
            .invalidValue, "a quota of \(quota) bytes is not possible", remedy: "use a positive number")
    }
}
