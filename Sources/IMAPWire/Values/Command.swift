package import MailModel

/// A field of ID (RFC 2971 §3.3).
package struct IDField: Hashable, Sendable {
    package let name: String
    package let value: String?

    package init(name: String, value: String?) {
        self.name = name
        self.value = value
    }
}

/// The destination and the messages of COPY and MOVE.
package struct CopyCommand: Hashable, Sendable {
    package var messages: MessageSet
    package var isUID: Bool
    package var mailbox: MailboxName

    package init(messages: MessageSet, isUID: Bool, mailbox: MailboxName) {
        self.messages = messages
        self.isUID = isUID
        self.mailbox = mailbox
    }
}

/// A complete command. APPEND is not among them: it streams, see `CommandEvent`.
package enum Command: Hashable, Sendable {
    // Any state (RFC 9051 §6.1).
    case capability
    case noop
    case logout
    /// RFC 2971; empty for NIL.
    case id([IDField])

    // Not authenticated (RFC 9051 §6.2).
    case startTLS
    /// `mechanism` in capitals; `initialResponse` decoded, empty for `=`, nil if none was sent (RFC 4959 §3).
    case authenticate(mechanism: String, initialResponse: Secret<[UInt8]>?)
    case login(user: String, password: Secret<[UInt8]>)

    // Authenticated (RFC 9051 §6.3).
    case enable([Capability])
    case select(SelectCommand)
    /// `uses` are attributes such as `\Sent` (RFC 6154 §3).
    case create(MailboxName, uses: [String])
    case delete(MailboxName)
    case rename(from: MailboxName, to: MailboxName)
    case subscribe(MailboxName)
    case unsubscribe(MailboxName)
    case list(ListCommand)
    /// RFC 3501 §6.3.9.
    case lsub(reference: String, pattern: String)
    case namespace
    case status(MailboxName, [StatusItem])
    case getQuota(root: String)
    case getQuotaRoot(MailboxName)
    case setQuota(root: String, [QuotaLimit])
    case idle

    // Selected (RFC 9051 §6.4).
    case check
    case close
    case unselect
    case expunge
    /// RFC 4315 §2.1.
    case uidExpunge(MessageSet)
    case search(SearchCommand)
    case fetch(FetchCommand)
    case store(StoreCommand)
    case copy(CopyCommand)
    case move(CopyCommand)
}
