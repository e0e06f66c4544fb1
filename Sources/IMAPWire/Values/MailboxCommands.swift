/// What SELECT and EXAMINE are asked (RFC 9051 §6.3.2).
package struct SelectCommand: Hashable, Sendable {
    package var mailbox: MailboxName
    /// EXAMINE.
    package var isReadOnly: Bool
    /// `(CONDSTORE)`: enables mod-sequences for this connection (RFC 7162 §3.1.8).
    package var conditionalStore: Bool

    package init(mailbox: MailboxName, isReadOnly: Bool, conditionalStore: Bool = false) {
        self.mailbox = mailbox
        self.isReadOnly = isReadOnly
        self.conditionalStore = conditionalStore
    }
}

/// A STATUS data item (RFC 9051 §6.3.11 and extensions).
package enum StatusItem: String, Hashable, Sendable, CaseIterable {
    case messages = "MESSAGES"
    /// RFC 3501 §6.3.10.
    case recent = "RECENT"
    case uidNext = "UIDNEXT"
    case uidValidity = "UIDVALIDITY"
    case unseen = "UNSEEN"
    case deleted = "DELETED"
    /// RFC 8438.
    case size = "SIZE"
    /// RFC 7162 §3.1.7.
    case highestModSequence = "HIGHESTMODSEQ"
    /// RFC 7889 §4.
    case appendLimit = "APPENDLIMIT"
    /// RFC 9208 §4.1.4.
    case deletedStorage = "DELETED-STORAGE"
    /// RFC 8474 §4.3; reserved, not announced.
    case mailboxID = "MAILBOXID"
}

/// LIST selection options (RFC 5258 §3.1): which mailboxes.
package struct ListSelection: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let subscribed = ListSelection(rawValue: 1)
    /// There are no remote mailboxes here; accepted and without effect.
    package static let remote = ListSelection(rawValue: 2)
    /// Also those with a matching descendant, marked CHILDINFO; never alone.
    package static let recursiveMatch = ListSelection(rawValue: 4)
    /// RFC 6154 §5.3.
    package static let specialUse = ListSelection(rawValue: 8)
}

/// LIST return options (RFC 5258 §3.2): what is told about them. STATUS is apart, in `ListCommand.status`.
package struct ListReturn: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let subscribed = ListReturn(rawValue: 1)
    package static let children = ListReturn(rawValue: 2)
    package static let specialUse = ListReturn(rawValue: 4)
}

/// LIST (RFC 9051 §6.3.9).
package struct ListCommand: Hashable, Sendable {
    package var reference: String
    /// As written, in UTF-8, without the reference; more than one only in the extended form.
    package var patterns: [String]
    package var selection: ListSelection
    package var returns: ListReturn
    /// The items of RETURN (STATUS (…)) (RFC 5819 §2); nil if not asked.
    package var status: [StatusItem]?
    /// Whether any part of the extended syntax was used; plain `LIST "" ""` asks for the separator only if not.
    package var isExtended: Bool

    package init(
        reference: String = "", patterns: [String], selection: ListSelection = [], returns: ListReturn = [],
        status: [StatusItem]? = nil, isExtended: Bool = false
    ) {
        self.reference = reference
        self.patterns = patterns
        self.selection = selection
        self.returns = returns
        self.status = status
        self.isExtended = isExtended
    }

    /// Each pattern behind the reference (RFC 9051 §6.3.9: the reference is a prefix here).
    package var canonicalPatterns: [ListPattern] { patterns.map { ListPattern(reference + $0) } }
}

/// A limit of SETQUOTA (RFC 9208 §4.1.3).
package struct QuotaLimit: Hashable, Sendable {
    /// In capitals: `STORAGE` (units of 1024 bytes), `MESSAGE`, …
    package let resource: String
    package let limit: UInt64

    package init(resource: String, limit: UInt64) {
        self.resource = resource
        self.limit = limit
    }
}
