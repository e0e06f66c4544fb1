package import MailModel
package import MailStore
import Synchronization

/// Which addresses are ours, whom they reach, and who may send as them.
package final class AddressBook: Sendable {
    package struct Settings: Sendable {
        /// Receives postmaster and abuse mail of domains that name nobody for it (RFC 5321 §4.5.1).
        package var postmaster: EmailAddress?
        package init(postmaster: EmailAddress? = nil) { self.postmaster = postmaster }
    }

    let directory: any DirectoryStore
    let settings: Settings
    private struct Cache {
        var domains: [DomainName: DomainRecord]?
        var generation = 0
    }
    private let cache: Mutex<Cache>
    private let subscription = Mutex<StoreSubscription?>(nil)

    package init(directory: any DirectoryStore, settings: Settings = Settings()) {
        self.directory = directory
        self.settings = settings
        cache = Mutex(Cache())
        let subscription = directory.subscribe { [weak self] change in
            guard change == .routing else { return }
            self?.cache.withLock { cache in
                cache.domains = nil
                cache.generation += 1
            }
        }
        self.subscription.withLock { $0 = subscription }
    }

    package func isLocal(_ domain: DomainName) async throws(StoreError) -> Bool {
        try await self.domain(domain) != nil
    }

    /// The row of a domain of ours; all rows are kept in memory until one changes.
    package func domain(_ name: DomainName) async throws(StoreError) -> DomainRecord? {
        let (known, generation) = cache.withLock { ($0.domains, $0.generation) }
        if let known { return known[name] }
        let rows = try await directory.domains(tenant: nil)
        let domains = Dictionary(rows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        cache.withLock { cache in
            if cache.generation == generation { cache.domains = domains }
        }
        return domains[name]
    }

    /// Whom mail for `recipient` reaches: the account of that name, else the alias or group, else the same without the
    /// tag, else (for postmaster and abuse) the administrator, else the domain's catch-all.
    package func resolve(_ recipient: EmailAddress) async throws(StoreError) -> Resolution {
        var expansion = Expansion(book: self)
        return try await expansion.resolve(recipient)
    }

    /// Whether `account` may put `address` into MAIL FROM, From or Sender: its own address, with any tag, and the aliases
    /// (not groups) that lead to it. The owner of a catch-all may send as any address that is nobody else's.
    package func maySend(_ account: AccountRecord, as address: EmailAddress) async throws(StoreError) -> Bool {
        if address == account.address { return true }
        guard let domain = try await domain(address.domain) else { return false }
        for candidate in [address, untagged(address, domain)].compactMap(\.self) {
            if let owner = try await directory.account(address: candidate) { return owner.id == account.id }
            if let alias = try await directory.alias(address: candidate) {
                return try await leads(alias, to: account, depth: 0)
            }
        }
        return domain.catchAll == account.address
    }

    /// The account's own address and the aliases that name it, for showing; `maySend` decides.
    package func addresses(of account: AccountRecord) async throws(StoreError) -> [EmailAddress] {
        [account.address]
            + (try await directory.aliases(matching: account.address).filter { !$0.isGroup }.map(\.address))
    }

    private func leads(_ alias: AliasRecord, to account: AccountRecord, depth: Int) async throws(StoreError) -> Bool {
        guard !alias.isGroup, depth < 4 else { return false }
        if alias.targets.contains(account.address) { return true }
        for target in alias.targets.prefix(16) {
            if let next = try await directory.alias(address: target),
                try await leads(next, to: account, depth: depth + 1)
            {
                return true
            }
        }
        return false
    }

    /// `user+tag@domain` without the tag; nil without a tag or where the domain has none.
    func untagged(_ address: EmailAddress, _ domain: DomainRecord) -> EmailAddress? {
        guard let separator = domain.subaddressSeparator, let index = address.localPart.firstIndex(of: separator),
            index > address.localPart.startIndex
        else { return nil }
        return EmailAddress(localPart: String(address.localPart[..<index]), domain: address.domain)
    }

    func detail(of address: EmailAddress, _ domain: DomainRecord) -> String? {
        guard let separator = domain.subaddressSeparator, let index = address.localPart.firstIndex(of: separator) else {
            return nil
        }
        return String(address.localPart[address.localPart.index(after: index)...])
    }
}
