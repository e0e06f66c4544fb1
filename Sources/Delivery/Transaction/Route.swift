import Accounts
import MailModel
import MailStore

/// Where a message goes, as its recipients come in: each account and each remote address once.
struct Route: Sendable {
    /// A recipient as given in RCPT.
    struct Accepted: Sendable {
        let address: EmailAddress
        let options: RecipientOptions
    }

    struct Local: Sendable {
        let recipient: LocalRecipient
        /// Index into `accepted`: who the sender knows it as.
        let cause: Int
    }

    struct Remote: Sendable {
        let address: EmailAddress
        let cause: Int
    }

    private(set) var accepted: [Accepted] = []
    private(set) var local: [Local] = []
    private(set) var remote: [Remote] = []
    private var addresses: Set<EmailAddress> = []
    private var accounts: Set<AccountID> = []
    private var remoteAddresses: Set<EmailAddress> = []

    func contains(_ address: EmailAddress) -> Bool { addresses.contains(address) }

    mutating func add(_ address: EmailAddress, _ options: RecipientOptions, _ destinations: Resolution.Destinations) {
        guard addresses.insert(address).inserted else { return }
        accepted.append(Accepted(address: address, options: options))
        let cause = accepted.count - 1
        for recipient in destinations.local where accounts.insert(recipient.account).inserted {
            local.append(Local(recipient: recipient, cause: cause))
        }
        for recipient in destinations.remote where remoteAddresses.insert(recipient).inserted {
            remote.append(Remote(address: recipient, cause: cause))
        }
    }
}
