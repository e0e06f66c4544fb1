import MailModel

/// What the command line asks of a node, over its socket or in its own process.
package enum AdministrationRequest: Codable, Sendable, Confidential {
    case status
    case domainAdd(name: String)
    case domainList
    case domainShow(name: String)
    case domainSet(name: String, DomainSettings)
    case domainRemove(name: String)
    case accountAdd(AccountToAdd)
    /// Lines of JSON as `account add --from` reads them; one object is answered per line, in order.
    case accountImport(lines: [String], firstLine: Int)
    case accountList
    case accountShow(address: String)
    case accountSet(address: String, AccountSettings)
    case accountEnable(address: String, Bool)
    case accountRemove(address: String)
    case aliasAdd(address: String, targets: [String], isGroup: Bool)
    case aliasList(target: String?)
    case aliasRemove(address: String)
    case queueList(QueueSelection)
    case trace(TraceSelection)
    case verify(repair: Bool)
    case reloadCertificates
    case purge

    package struct DomainSettings: Codable, Sendable {
        /// Empty: no catch-all any more.
        package var catchAll: String?
        /// Empty: no subaddresses any more.
        package var subaddressSeparator: String?
        package init(catchAll: String? = nil, subaddressSeparator: String? = nil) {
            self.catchAll = catchAll
            self.subaddressSeparator = subaddressSeparator
        }
    }

    package struct AccountToAdd: Codable, Sendable, Confidential {
        package var address: String
        package var password: String?
        package var passwordHash: String?
        package var name: String?
        package var quota: Int64?
        package var aliases: [String]?
        package init(
            address: String, password: String? = nil, passwordHash: String? = nil, name: String? = nil,
            quota: Int64? = nil, aliases: [String]? = nil
        ) {
            self.address = address
            self.password = password
            self.passwordHash = passwordHash
            self.name = name
            self.quota = quota
            self.aliases = aliases
        }
    }

    package struct AccountSettings: Codable, Sendable, Confidential {
        package var name: String?
        /// In bytes; 0: none.
        package var quota: Int64?
        package var password: String?
        package var passwordHash: String?
        /// Of `submission`, `imap`, `pop3`, `http`.
        package var protocols: [String]?
        package var networks: [String]?
        /// `leave`, `delete`, or a number of days.
        package var pop3: String?
        package init(
            name: String? = nil, quota: Int64? = nil, password: String? = nil, passwordHash: String? = nil,
            protocols: [String]? = nil, networks: [String]? = nil, pop3: String? = nil
        ) {
            self.name = name
            self.quota = quota
            self.password = password
            self.passwordHash = passwordHash
            self.protocols = protocols
            self.networks = networks
            self.pop3 = pop3
        }
    }

    package struct QueueSelection: Codable, Sendable {
        package var sender: String?
        package var recipient: String?
        package var domain: String?
        package var messageID: String?
        package init(sender: String? = nil, recipient: String? = nil, domain: String? = nil, messageID: String? = nil) {
            self.sender = sender
            self.recipient = recipient
            self.domain = domain
            self.messageID = messageID
        }
    }

    package struct TraceSelection: Codable, Sendable {
        package var delivery: String?
        package var messageID: String?
        package var sender: String?
        package var recipient: String?
        /// Seconds since 1970.
        package var since: Int64?
        package init(
            delivery: String? = nil, messageID: String? = nil, sender: String? = nil, recipient: String? = nil,
            since: Int64? = nil
        ) {
            self.delivery = delivery
            self.messageID = messageID
            self.sender = sender
            self.recipient = recipient
            self.since = since
        }
    }
}

/// One line of an answer. The last is `done` or `failed`.
package enum AdministrationReply: Codable, Sendable {
    /// An object as JSON text, as scripts get it.
    case object(String)
    case progress(done: Int, total: Int)
    /// `damage`: it ran, and found something that makes the exit status 1.
    case done(damage: Bool)
    case failed(AdministrationFailure)
}

/// A refusal in the three fields that scripts get.
package struct AdministrationFailure: Error, Codable, Hashable, Sendable {
    package let error: String
    package let message: String
    package let remedy: String
    /// Exit status 75 rather than 1.
    package let isTransient: Bool

    package init(error: String, message: String, remedy: String = "", isTransient: Bool = false) {
        self.error = error
        self.message = message
        self.remedy = remedy
        self.isTransient = isTransient
    }
}
