package import MailModel

/// What messages SEARCH looks for (RFC 9051 §6.4.4). The depth of the tree is bounded by the parser's limits.
package indirect enum SearchKey: Hashable, Sendable {
    /// Which day of a message is compared: that of its arrival or that of its Date header.
    package enum DayKind: Hashable, Sendable {
        case received
        case sent
        /// RFC 8514 §4.3; reserved, not announced.
        case saved
    }

    /// The day alone counts, without time and zone (RFC 9051 §6.4.4).
    package enum DayRelation: Hashable, Sendable {
        case before
        case on
        case since
    }

    case all
    case flag(SystemFlags, isSet: Bool)
    case keyword(Keyword, isSet: Bool)
    /// \Recent, which IMAP4rev1 has: RECENT, OLD, and NEW = RECENT UNSEEN (RFC 3501 §6.4.4).
    case recent
    case old
    case new
    case sequence(MessageSet)
    case uid(MessageSet)
    /// A header field that contains a text; an empty text asks whether the field is there. FROM, TO, CC, BCC and SUBJECT
    /// arrive as this too.
    case header(field: String, contains: String)
    case body(contains: String)
    case text(contains: String)
    case day(DayKind, DayRelation, CalendarDate)
    case larger(UInt64)
    case smaller(UInt64)
    /// Received at least so many seconds ago (RFC 5032 §3).
    case older(seconds: UInt32)
    /// Received at most so many seconds ago.
    case younger(seconds: UInt32)
    /// MODSEQ at least this (RFC 7162 §3.1.5).
    case modSequence(UInt64)
    /// RFC 8474 §5; reserved, not announced.
    case emailID(String)
    case threadID(String)
    case not(SearchKey)
    case or(SearchKey, SearchKey)
    /// Keys side by side or in parentheses; never empty.
    case and([SearchKey])

    /// Whether a MODSEQ key occurs: the reply must then carry the highest MODSEQ (RFC 7162 §3.1.5).
    package var usesModSequence: Bool {
        switch self {
        case .modSequence: true
        case .not(let key): key.usesModSequence
        case .or(let left, let right): left.usesModSequence || right.usesModSequence
        case .and(let keys): keys.contains { $0.usesModSequence }
        default: false
        }
    }
}

/// The result options of an extended search (RFC 4731 §3.1).
package struct SearchReturn: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let min = SearchReturn(rawValue: 1)
    package static let max = SearchReturn(rawValue: 2)
    package static let all = SearchReturn(rawValue: 4)
    package static let count = SearchReturn(rawValue: 8)
    /// RFC 5182; reserved, not announced.
    package static let save = SearchReturn(rawValue: 16)
}

/// SEARCH or UID SEARCH.
package struct SearchCommand: Hashable, Sendable {
    package var isUID: Bool
    /// Nil: answer with `* SEARCH`. Otherwise with `* ESEARCH`; `RETURN ()` arrives as `[.all]` (RFC 4731 §3.1).
    package var returns: SearchReturn?
    /// In capitals; nil if none was named. The texts in `key` are UTF-8: anything but US-ASCII and UTF-8 must be refused
    /// with BADCHARSET (RFC 9051 §6.4.4).
    package var charset: String?
    package var key: SearchKey

    package init(isUID: Bool, returns: SearchReturn? = nil, charset: String? = nil, key: SearchKey) {
        self.isUID = isUID
        self.returns = returns
        self.charset = charset
        self.key = key
    }
}
