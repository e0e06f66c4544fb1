/// The part of a message that a section names (RFC 9051 §6.4.5.1).
package struct Section: Hashable, Sendable {
    package enum Text: Hashable, Sendable {
        case header
        /// The names as the client wrote them; compare without case.
        case headerFields([String])
        case headerFieldsNot([String])
        case text
        /// Only behind part numbers.
        case mime
    }

    /// The numbers of the MIME part, counted from 1; empty for the whole message.
    package var part: [UInt32]
    /// Nil for the whole of the part (`BODY[]`, `BODY[1.2]`).
    package var text: Text?

    package init(part: [UInt32] = [], text: Text? = nil) {
        self.part = part
        self.text = text
    }

    /// `BODY[]`.
    package static let whole = Section()
}

/// `<offset.count>` behind a section: at most `count` bytes, from `offset` (RFC 9051 §6.4.5.1).
package struct Partial: Hashable, Sendable {
    /// Any number of the wire (63 bits), so possibly far beyond the end.
    package let offset: Int
    /// At least 1.
    package let count: Int

    package init(offset: Int, count: Int) {
        self.offset = offset
        self.count = count
    }

    /// What the client asked for, inside `length` bytes; empty at or beyond the end.
    package func range(in length: Int) -> Range<Int> {
        let start = min(max(offset, 0), length)
        let (end, overflow) = start.addingReportingOverflow(max(count, 0))
        return start..<(overflow ? length : min(end, length))
    }
}

/// A FETCH data item (RFC 9051 §6.4.5, RFC 3501 §6.4.5).
package enum FetchAttribute: Hashable, Sendable {
    case flags
    case internalDate
    case envelope
    /// `BODY`: the structure without extension data.
    case body
    case bodyStructure
    case uid
    /// `RFC822`: as `BODY[]`, other name in the reply; sets \Seen.
    case rfc822
    /// As `BODY.PEEK[HEADER]`.
    case rfc822Header
    /// As `BODY[TEXT]`; sets \Seen.
    case rfc822Text
    case rfc822Size
    case section(Section, partial: Partial?, peek: Bool)
    /// `BINARY[part]`: without the content transfer encoding (RFC 3516 §4.2).
    case binary(part: [UInt32], partial: Partial?, peek: Bool)
    case binarySize(part: [UInt32])
    /// RFC 7162 §3.1.4.
    case modSequence
    /// RFC 8474 §5; reserved, not announced.
    case emailID
    case threadID
    /// RFC 8970; reserved, not announced.
    case preview(lazy: Bool)
    /// RFC 8514; reserved, not announced.
    case saveDate

    /// The macros (RFC 9051 §6.4.5).
    package static let macroFast: [FetchAttribute] = [.flags, .internalDate, .rfc822Size]
    package static let macroAll: [FetchAttribute] = macroFast + [.envelope]
    package static let macroFull: [FetchAttribute] = macroAll + [.body]

    /// Whether fetching it marks the message as seen.
    package var setsSeen: Bool {
        switch self {
        case .rfc822, .rfc822Text: true
        case .section(_, _, let peek), .binary(_, _, let peek): !peek
        default: false
        }
    }

    /// Whether it is answered from the mailbox index alone, without the message's content or summary.
    package var needsIndexOnly: Bool {
        switch self {
        case .flags, .internalDate, .uid, .rfc822Size, .modSequence, .emailID, .threadID, .saveDate: true
        default: false
        }
    }
}

/// FETCH or UID FETCH.
package struct FetchCommand: Hashable, Sendable {
    package var messages: MessageSet
    package var isUID: Bool
    /// Macros expanded, in the order written; UID FETCH does not add `uid` by itself.
    package var attributes: [FetchAttribute]
    /// Only messages changed after this (RFC 7162 §3.1.4.1); the reply then carries MODSEQ.
    package var changedSince: UInt64?

    package init(messages: MessageSet, isUID: Bool, attributes: [FetchAttribute], changedSince: UInt64? = nil) {
        self.messages = messages
        self.isUID = isUID
        self.attributes = attributes
        self.changedSince = changedSince
    }
}
