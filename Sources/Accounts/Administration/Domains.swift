package import MailModel
package import MailStore

extension AccountAdministration {
    package func addDomain(_ text: String, tenant: TenantID = .first, actor: Actor) async throws(AdministrationError)
        -> DomainRecord
    {
        let record = DomainRecord(name: try domainName(text), tenant: tenant, created: now())
        do throws(StoreError) {
            try await directory.addDomain(record, actor: actor)
        } catch {
            if case .alreadyExists = error {
                throw AdministrationError(.alreadyExists, "the domain “\(record.name)” is served already")
            }
            throw AdministrationError(error)
        }
        return record
    }

    package func domains() async throws(AdministrationError) -> [DomainRecord] {
        try await store { () async throws(StoreError) in try await self.directory.domains(tenant: nil) }
    }

    package func domain(_ text: String) async throws(AdministrationError) -> DomainRecord {
        let name = try domainName(text)
        guard let record = try await domains().first(where: { $0.name == name }) else {
            throw AdministrationError(.noSuchDomain, "the domain “\(name)” is not served here")
        }
        return record
    }

    package func setDomain(_ text: String, _ change: DomainChange, actor: Actor) async throws(AdministrationError)
        -> DomainRecord
    {
        var record = try await domain(text)
        if let catchAll = change.catchAll {
            record.catchAll = nil
            if let catchAll { record.catchAll = try address(catchAll) }
        }
        if let separator = change.subaddressSeparator {
            if let separator, separator.utf8.count != 1 || !"+-_=#/~".contains(separator) {
                throw AdministrationError(
                    .invalidValue, "“\(separator)” cannot separate name and tag", remedy: "use one of + - _ = # / ~")
            }
            record.subaddressSeparator = separator
        }
        let changed = record
        try await store { () async throws(StoreError) in try await self.directory.updateDomain(changed, actor: actor) }
        return record
    }

    package func removeDomain(_ text: String, actor: Actor) async throws(AdministrationError) {
        let record = try await domain(text)
        do throws(StoreError) {
            try await directory.removeDomain(record.name, actor: actor)
        } catch {
            if case .notAllowed = error {
                throw AdministrationError(
                    .domainInUse, "the domain “\(record.name)” still has accounts, aliases or groups",
                    remedy: "remove them first")
            }
            throw AdministrationError(error)
        }
    }

    private func domainName(_ text: String) throws(AdministrationError) -> DomainName {
        guard let name = DomainName(text), !name.isAddressLiteral else {
            throw AdministrationError(
                .invalidDomain, "“\(text)” is not a domain name", remedy: "write it as example.org, without @")
        }
        return name
    }
}
