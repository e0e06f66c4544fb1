package import MailModel

/// Domains, accounts, aliases, groups and credentials: rows only; what they mean is decided by Accounts.
///
/// Every change names its actor and is durable on return. An address (of an account, alias or group) is unique across
/// all tenants.
package protocol DirectoryStore: AnyObject, Sendable {
    func domains(tenant: TenantID?) async throws(StoreError) -> [DomainRecord]
    func addDomain(_ domain: DomainRecord, actor: Actor) async throws(StoreError)
    func updateDomain(_ domain: DomainRecord, actor: Actor) async throws(StoreError)
    /// Refused while accounts, aliases or groups are in it.
    func removeDomain(_ name: DomainName, actor: Actor) async throws(StoreError)

    /// Ordered by address; `after` is the last address key of the page before.
    func accounts(after: String?, limit: Int) async throws(StoreError) -> [AccountRecord]
    func account(_ id: AccountID) async throws(StoreError) -> AccountRecord?
    func account(address: EmailAddress) async throws(StoreError) -> AccountRecord?
    /// Creates the account with its system folders. Credentials and aliases come in the same commit.
    func addAccount(
        _ account: NewAccount, credentials: [NewCredential], aliases: [EmailAddress], actor: Actor
    ) async throws(StoreError) -> AccountRecord
    /// Replaces everything but id, tenant and address.
    func updateAccount(_ account: AccountRecord, actor: Actor) async throws(StoreError)
    /// Removes the account, its mail and its credentials; its id is never used again.
    func removeAccount(_ id: AccountID, actor: Actor) async throws(StoreError)

    /// Aliases and groups; an alias is a group of one.
    func aliases(matching target: EmailAddress?) async throws(StoreError) -> [AliasRecord]
    func alias(address: EmailAddress) async throws(StoreError) -> AliasRecord?
    func setAlias(_ alias: AliasRecord, actor: Actor) async throws(StoreError)
    func removeAlias(_ address: EmailAddress, actor: Actor) async throws(StoreError)

    func credentials(of account: AccountID) async throws(StoreError) -> [CredentialRecord]
    /// Replaces all credentials of `kind` and `label` of the account, so that a new password ends the old one.
    func setCredentials(
        _ credentials: [NewCredential], of account: AccountID, replacing: CredentialReplacement, actor: Actor)
        async throws(StoreError)

    /// A setting of the tenant or (nil) of the server, such as the secret behind fake salts.
    func setting(_ name: String, tenant: TenantID?) async throws(StoreError) -> [UInt8]?
    func setSetting(_ name: String, to value: [UInt8]?, tenant: TenantID?, actor: Actor) async throws(StoreError)

    /// Calls `handler` after each commit that changed rows here, on the writer's thread.
    func subscribe(_ handler: @escaping @Sendable (DirectoryChange) -> Void) -> StoreSubscription
}

/// Who asked for an administrative change: kept with it in the audit rows.
package struct Actor: Hashable, Sendable {
    /// `cli`, `system`, or an account's address.
    package let name: String
    package init(_ name: String) { self.name = name }
    package static let system = Actor("system")
    package static let commandLine = Actor("cli")
}

package enum DirectoryChange: Hashable, Sendable {
    /// The account's row or credentials changed, or it is gone: sessions re-examine their right to be.
    case account(AccountID)
    /// Domains, aliases or groups changed: cached routes are stale.
    case routing
}

package struct DomainRecord: Hashable, Sendable {
    package var name: DomainName
    package var tenant: TenantID
    /// Receives what no address of the domain does.
    package var catchAll: EmailAddress?
    /// Between the user and the tag in `user+tag`; nil: no subaddresses (RFC 5233).
    package var subaddressSeparator: Character?
    package var created: Timestamp
    package init(
        name: DomainName, tenant: TenantID = .first, catchAll: EmailAddress? = nil,
        subaddressSeparator: Character? = "+",
        created: Timestamp
    ) {
        self.name = name
        self.tenant = tenant
        self.catchAll = catchAll
        self.subaddressSeparator = subaddressSeparator
        self.created = created
    }
}

/// What becomes of a message that POP3 has retrieved.
package enum POP3Policy: Hashable, Sendable {
    /// The client decides, with DELE.
    case leaveOnServer
    /// Retrieved messages are deleted at QUIT.
    case deleteAfterDownload
    /// Retrieved messages are deleted once they are this many days old.
    case expireAfter(days: Int)
}

/// Protocols an account may be refused.
package struct ProtocolSet: OptionSet, Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    package static let submission = ProtocolSet(rawValue: 1)
    package static let imap = ProtocolSet(rawValue: 2)
    package static let pop3 = ProtocolSet(rawValue: 4)
    package static let http = ProtocolSet(rawValue: 8)
    package static let all: ProtocolSet = [.submission, .imap, .pop3, .http]
}

package struct NewAccount: Hashable, Sendable {
    package var tenant: TenantID
    package var address: EmailAddress
    package var name: String
    /// In bytes; nil: none.
    package var quota: Int64?
    package var created: Timestamp
    package init(
        tenant: TenantID = .first, address: EmailAddress, name: String = "", quota: Int64? = nil, created: Timestamp
    ) {
        self.tenant = tenant
        self.address = address
        self.name = name
        self.quota = quota
        self.created = created
    }
}

package struct AccountRecord: Hashable, Sendable {
    package let id: AccountID
    package let tenant: TenantID
    package let address: EmailAddress
    package var name: String
    package var quota: Int64?
    package var isEnabled: Bool
    package var protocols: ProtocolSet
    /// Networks in CIDR form from which it may log in; empty: any.
    package var networks: [String]
    package var pop3: POP3Policy
    package let created: Timestamp
    /// Raised by restore, salvage and rollback.
    package let epoch: Int64
    package init(
        id: AccountID, tenant: TenantID, address: EmailAddress, name: String, quota: Int64?, isEnabled: Bool,
        protocols: ProtocolSet, networks: [String], pop3: POP3Policy, created: Timestamp, epoch: Int64
    ) {
        self.id = id
        self.tenant = tenant
        self.address = address
        self.name = name
        self.quota = quota
        self.isEnabled = isEnabled
        self.protocols = protocols
        self.networks = networks
        self.pop3 = pop3
        self.created = created
        self.epoch = epoch
    }
}

package struct AliasRecord: Hashable, Sendable {
    package var address: EmailAddress
    package var tenant: TenantID
    /// Local or remote addresses; each may be an alias or group again.
    package var targets: [EmailAddress]
    /// Shown as a group: several members, no right to send as it.
    package var isGroup: Bool
    package init(address: EmailAddress, tenant: TenantID = .first, targets: [EmailAddress], isGroup: Bool = false) {
        self.address = address
        self.tenant = tenant
        self.targets = targets
        self.isGroup = isGroup
    }
}

package enum CredentialKind: Int, Sendable {
    /// PHC string of Argon2id.
    case argon2id = 0
    /// RFC 5803 form of a SCRAM-SHA-256 verifier.
    case scramSHA256 = 1
    /// A crypt(3)-style hash that an import brought.
    case importedHash = 2
}

package struct NewCredential: Hashable, Sendable, Confidential {
    package var kind: CredentialKind
    package var verifier: String
    /// `password`, or the name of an application password.
    package var label: String
    /// Protocols it opens.
    package var scope: ProtocolSet
    package var expires: Timestamp?
    package var description: String { "\(kind) credential “\(label)”" }

    package init(
        kind: CredentialKind, verifier: String, label: String = "password", scope: ProtocolSet = .all,
        expires: Timestamp? = nil
    ) {
        self.kind = kind
        self.verifier = verifier
        self.label = label
        self.scope = scope
        self.expires = expires
    }
}

package struct CredentialRecord: Hashable, Sendable {
    package let id: Int64
    package let account: AccountID
    package let credential: NewCredential
    package init(id: Int64, account: AccountID, credential: NewCredential) {
        self.id = id
        self.account = account
        self.credential = credential
    }
}

package enum CredentialReplacement: Hashable, Sendable {
    case nothing
    case label(String)
    case all
}
