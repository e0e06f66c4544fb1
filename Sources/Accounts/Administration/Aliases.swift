import MailModel
package import MailStore

extension AccountAdministration {
    /// Members of one alias or group.
    private static var targetLimit: Int { 5000 }

    /// Makes or replaces an alias (`isGroup` false) or group. Targets may be local or remote.
    package func setAlias(
        _ text: String, targets: [String], isGroup: Bool, actor: Actor
    ) async throws(AdministrationError) -> AliasRecord {
        let address = try address(text)
        let domain = try await ownDomain(of: address)
        var members: [EmailAddress] = []
        var seen: Set<EmailAddress> = []
        for target in targets {
            let target = try self.address(target)
            if target == address {
                throw AdministrationError(.invalidValue, "“\(address)” cannot lead to itself")
            }
            if seen.insert(target).inserted { members.append(target) }
        }
        guard !members.isEmpty else {
            throw AdministrationError(.invalidValue, "“\(address)” needs at least one target")
        }
        guard members.count <= Self.targetLimit else {
            throw AdministrationError(
                .overLimit, "“\(address)” would have \(members.count) targets, more than \(Self.targetLimit)",
                remedy: "put groups into a group")
        }
        if try await existing(address) != nil {
            throw AdministrationError(.alreadyExists, "“\(address)” is an account", remedy: "choose another address")
        }
        let record = AliasRecord(address: address, tenant: domain.tenant, targets: members, isGroup: isGroup)
        try await store { () async throws(StoreError) in try await self.directory.setAlias(record, actor: actor) }
        return record
    }

    /// All, or those that name `target`.
    package func aliases(of target: String? = nil) async throws(AdministrationError) -> [AliasRecord] {
        var address: EmailAddress?
        if let target { address = try self.address(target) }
        let wanted = address
        return try await store { () async throws(StoreError) in try await self.directory.aliases(matching: wanted) }
    }

    package func removeAlias(_ text: String, actor: Actor) async throws(AdministrationError) {
        let address = try address(text)
        try await store(notFound: AdministrationError(.noSuchAlias, "there is no alias or group “\(address)”")) {
            () async throws(StoreError) in
            try await self.directory.removeAlias(address, actor: actor)
        }
    }
}
