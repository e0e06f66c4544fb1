package import MailModel
package import MailStore

/// Making, changing and removing domains, accounts, aliases and groups, with every input checked. Who is allowed to ask is
/// the caller's business; who asked is recorded.
///
/// The methods are in one file a subject: `Domains`, `Accounts`, `Passwords`, `Aliases`, `Import`.
package final class AccountAdministration: Sendable {
    let directory: any DirectoryStore
    let hasher: PasswordHasher
    let policy: PasswordPolicy
    let now: @Sendable () -> Timestamp
    /// For its memory of domains: an import looks up one per line.
    private let book: AddressBook

    package init(
        directory: any DirectoryStore, hasher: PasswordHasher, policy: PasswordPolicy = PasswordPolicy(),
        now: @escaping @Sendable () -> Timestamp = SystemClock.now
    ) {
        self.directory = directory
        self.hasher = hasher
        self.policy = policy
        self.now = now
        book = AddressBook(directory: directory)
    }

    /// Runs a store call, its errors translated; `notFound` says what a missing row means here.
    func store<Value>(
        notFound: AdministrationError? = nil, _ body: () async throws(StoreError) -> Value
    ) async throws(AdministrationError) -> Value {
        do throws(StoreError) {
            return try await body()
        } catch {
            if case .notFound = error, let notFound { throw notFound }
            throw AdministrationError(error)
        }
    }

    func address(_ text: String) throws(AdministrationError) -> EmailAddress {
        guard let address = EmailAddress(text) else {
            throw AdministrationError(
                .invalidAddress, "“\(text)” is not an e-mail address", remedy: "write it as name@domain")
        }
        guard !address.domain.isAddressLiteral else {
            throw AdministrationError(
                .invalidAddress, "“\(text)” is at an IP address, not a domain", remedy: "write it as name@domain")
        }
        return address
    }

    func ownDomain(of address: EmailAddress) async throws(AdministrationError) -> DomainRecord {
        let row = try await store { () async throws(StoreError) in try await self.book.domain(address.domain) }
        guard let row else {
            throw AdministrationError(
                .noSuchDomain, "the domain “\(address.domain)” is not served here",
                remedy: "add it first: martlet domain add \(address.domain)")
        }
        return row
    }
}
