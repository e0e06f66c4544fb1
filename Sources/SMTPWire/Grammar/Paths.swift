package import MailModel

/// What MAIL names: where failures are reported (RFC 5321 §4.1.1.2).
package enum ReversePath: Hashable, Sendable {
    /// `<>`: a report itself; nothing may be reported about it.
    case null
    case mailbox(EmailAddress)

    /// The address, unless the path is empty.
    package var address: EmailAddress? {
        if case .mailbox(let address) = self { address } else { nil }
    }
}

/// What RCPT names (RFC 5321 §4.1.1.3).
package enum ForwardPath: Hashable, Sendable {
    /// `<postmaster>` without a domain: this host's own postmaster (RFC 5321 §4.5.1).
    case postmaster
    case mailbox(EmailAddress)

    /// The address, unless it is the postmaster without a domain.
    package var address: EmailAddress? {
        if case .mailbox(let address) = self { address } else { nil }
    }
}
