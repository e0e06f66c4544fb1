import MailModel

extension AccountRecord {
    /// A new account's row.
    init(new: NewAccount, id: AccountID) {
        self.init(
            id: id, tenant: new.tenant, address: new.address, name: new.name, quota: new.quota, isEnabled: true,
            protocols: .all, networks: [], pop3: .leaveOnServer, created: new.created, epoch: 1)
    }

    /// What an update may change, on top of what it may not.
    func keepingIdentity(of old: AccountRecord) -> AccountRecord {
        AccountRecord(
            id: old.id, tenant: old.tenant, address: old.address, name: name, quota: quota, isEnabled: isEnabled,
            protocols: protocols, networks: networks, pop3: pop3, created: old.created, epoch: old.epoch)
    }
}

extension CredentialReplacement {
    func covers(_ label: String) -> Bool {
        switch self {
        case .nothing: false
        case .label(let wanted): wanted == label
        case .all: true
        }
    }
}

extension QueueFilter {
    func matches(_ entry: QueueEntry) -> Bool {
        (sender.map { $0.lowercased() == entry.sender.lowercased() } ?? true)
            && (recipient.map { $0.lowercased() == entry.recipient.lowercased() } ?? true)
            && (domain.map { $0.lowercased() == entry.domain } ?? true)
            && (messageID.map { $0.isSameMessageID(as: entry.messageID) } ?? true)
    }
}

extension TraceFilter {
    func matches(_ event: TraceEvent) -> Bool {
        (delivery.map { $0 == event.delivery } ?? true)
            && (messageID.map { $0.isSameMessageID(as: event.messageID) } ?? true)
            && (sender.map { $0.lowercased() == event.sender?.lowercased() } ?? true)
            && (recipient.map { $0.lowercased() == event.recipient?.lowercased() } ?? true)
            && (since.map { $0 <= event.time } ?? true)
    }
}

extension String {
    /// People leave the angle brackets out.
    fileprivate func isSameMessageID(as other: String?) -> Bool {
        guard let other else { return false }
        func bare(_ text: String) -> Substring {
            text.hasPrefix("<") && text.hasSuffix(">") ? text.dropFirst().dropLast() : text[...]
        }
        return bare(self) == bare(other)
    }
}
