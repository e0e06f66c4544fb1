import MailModel
import MailStore

/// One walk from an address to the accounts and hosts behind it: each name is visited once, so loops end by themselves.
struct Expansion {
    /// Aliases within aliases.
    static let depthLimit = 10
    /// Names visited for one recipient; those beyond get nothing, so that a mistake cannot flood the server.
    static let sizeLimit = 10_000

    private let book: AddressBook
    private var visited: Set<String> = []
    private var destinations = Resolution.Destinations()
    private var accounts: Set<AccountID> = []
    private var remote: Set<EmailAddress> = []
    private var sawDisabled = false
    private var sawUnknown = false

    init(book: AddressBook) { self.book = book }

    mutating func resolve(_ recipient: EmailAddress) async throws(StoreError) -> Resolution {
        guard let domain = try await book.domain(recipient.domain) else { return .remote }
        var pending: [(address: EmailAddress, depth: Int, detail: String?)] = [(recipient, 0, nil)]
        // Breadth first, without recursion.
        var index = 0
        while index < pending.count, visited.count < Self.sizeLimit {
            let (address, depth, detail) = pending[index]
            index += 1
            guard visited.insert(address.key).inserted else { continue }
            let found = index == 1 ? try await firstStep(address, domain) : try await step(address, detail)
            switch found {
            case .account(let record, let detail): add(record, detail)
            case .alias(let alias, let detail):
                guard depth < Self.depthLimit else { continue }
                pending += alias.targets.map { ($0, depth + 1, detail) }
            case .remote(let address):
                if remote.insert(address).inserted { destinations.remote.append(address) }
            case nil: sawUnknown = true
            }
        }
        if !destinations.local.isEmpty || !destinations.remote.isEmpty { return .deliverable(destinations) }
        if sawDisabled { return .disabled }
        return sawUnknown ? .unknown : .loop
    }

    private enum Found {
        case account(AccountRecord, detail: String?)
        case alias(AliasRecord, detail: String?)
        case remote(EmailAddress)
    }

    /// The recipient itself: the whole ladder, with catch-all and administrator.
    private func firstStep(_ address: EmailAddress, _ domain: DomainRecord) async throws(StoreError) -> Found? {
        if let found = try await exact(address, nil) { return found }
        if let plain = book.untagged(address, domain),
            let found = try await exact(plain, book.detail(of: address, domain))
        {
            return found
        }
        // RFC 2142 §5 and RFC 5321 §4.5.1: these names are read by somebody in every domain.
        if ["postmaster", "abuse"].contains(address.localPart.lowercased()),
            let administrator = try await administrator(of: domain), let found = try await step(administrator, nil)
        {
            return found
        }
        if let catchAll = domain.catchAll { return try await step(catchAll, nil) }
        return nil
    }

    /// A target of an alias: account, alias, either without its tag, or another host's.
    private func step(_ address: EmailAddress, _ detail: String?) async throws(StoreError) -> Found? {
        guard let domain = try await book.domain(address.domain) else { return .remote(address) }
        if let found = try await exact(address, detail) { return found }
        guard let plain = book.untagged(address, domain) else { return nil }
        return try await exact(plain, book.detail(of: address, domain))
    }

    private func exact(_ address: EmailAddress, _ detail: String?) async throws(StoreError) -> Found? {
        if let record = try await book.directory.account(address: address) { return .account(record, detail: detail) }
        if let alias = try await book.directory.alias(address: address) { return .alias(alias, detail: detail) }
        return nil
    }

    /// The address in the domain's setting, the tenant's, or the server's configuration.
    private func administrator(of domain: DomainRecord) async throws(StoreError) -> EmailAddress? {
        for name in ["postmaster.\(domain.name.ascii)", "postmaster"] {
            if let value = try await book.directory.setting(name, tenant: domain.tenant),
                let text = String(validating: value, as: UTF8.self), let address = EmailAddress(text)
            {
                return address
            }
        }
        return book.settings.postmaster
    }

    private mutating func add(_ record: AccountRecord, _ detail: String?) {
        guard record.isEnabled else {
            sawDisabled = true
            return
        }
        guard accounts.insert(record.id).inserted else { return }
        destinations.local.append(LocalRecipient(account: record.id, address: record.address, detail: detail))
    }
}
