package import MailModel

/// The word that begins a status response (RFC 9051 §7.1).
package enum Condition: String, Hashable, Sendable {
    case ok = "OK"
    case no = "NO"
    case bad = "BAD"
    case bye = "BYE"
    case preauth = "PREAUTH"
}

/// What stands in brackets behind the condition (RFC 9051 §7.1): a set that grows.
package struct ResponseCode: Hashable, Sendable {
    /// With arguments, without brackets; ASCII without CR, LF and `]`.
    package let text: String
    package init(_ text: String) { self.text = text }

    package static let alert = ResponseCode("ALERT")
    package static let alreadyExists = ResponseCode("ALREADYEXISTS")
    package static let authenticationFailed = ResponseCode("AUTHENTICATIONFAILED")
    package static let authorizationFailed = ResponseCode("AUTHORIZATIONFAILED")
    package static let cannot = ResponseCode("CANNOT")
    package static let clientBug = ResponseCode("CLIENTBUG")
    package static let closed = ResponseCode("CLOSED")
    package static let contactAdmin = ResponseCode("CONTACTADMIN")
    package static let expungeIssued = ResponseCode("EXPUNGEISSUED")
    package static let inUse = ResponseCode("INUSE")
    package static let limit = ResponseCode("LIMIT")
    package static let nonExistent = ResponseCode("NONEXISTENT")
    package static let noPermission = ResponseCode("NOPERM")
    package static let overQuota = ResponseCode("OVERQUOTA")
    package static let parse = ResponseCode("PARSE")
    package static let privacyRequired = ResponseCode("PRIVACYREQUIRED")
    package static let readOnly = ResponseCode("READ-ONLY")
    package static let readWrite = ResponseCode("READ-WRITE")
    package static let serverBug = ResponseCode("SERVERBUG")
    package static let tooBig = ResponseCode("TOOBIG")
    package static let tryCreate = ResponseCode("TRYCREATE")
    package static let uidNotSticky = ResponseCode("UIDNOTSTICKY")
    package static let unavailable = ResponseCode("UNAVAILABLE")
    /// RFC 3516 §4.3.
    package static let unknownCTE = ResponseCode("UNKNOWN-CTE")
    /// RFC 6154 §3.
    package static let useAttribute = ResponseCode("USEATTR")
    /// RFC 7162 §3.1.2.2.
    package static let noModSequence = ResponseCode("NOMODSEQ")
    package static let badCharset = ResponseCode("BADCHARSET (UTF-8 US-ASCII)")

    package static func uidNext(_ uid: UInt32) -> ResponseCode { ResponseCode("UIDNEXT \(uid)") }
    package static func uidValidity(_ value: UInt32) -> ResponseCode { ResponseCode("UIDVALIDITY \(value)") }
    /// RFC 3501 §7.1: the number of the first unseen message.
    package static func unseen(_ number: Int) -> ResponseCode { ResponseCode("UNSEEN \(number)") }
    package static func highestModSequence(_ value: ChangeNumber) -> ResponseCode {
        ResponseCode("HIGHESTMODSEQ \(value)")
    }

    package static func capability(_ capabilities: [Capability]) -> ResponseCode {
        ResponseCode("CAPABILITY " + capabilities.map(\.name).joined(separator: " "))
    }

    /// The flags a client can set for good; `\*` if it may invent keywords.
    package static func permanentFlags(_ system: SystemFlags, _ keywords: [Keyword], mayCreate: Bool) -> ResponseCode {
        var names = FlagNames.system(system) + keywords.map(\.name)
        if mayCreate { names.append("\\*") }
        return ResponseCode("PERMANENTFLAGS (\(names.joined(separator: " ")))")
    }

    /// RFC 4315 §3; `uids` in the order of the messages appended.
    package static func appendUID(_ validity: UInt32, _ uids: NumberSet) -> ResponseCode {
        ResponseCode("APPENDUID \(validity) \(uids.text)")
    }

    /// RFC 4315 §3: the n-th of `from` became the n-th of `to`.
    package static func copyUID(_ validity: UInt32, from: NumberSet, to: NumberSet) -> ResponseCode {
        ResponseCode("COPYUID \(validity) \(from.text) \(to.text)")
    }

    /// RFC 7162 §3.1.3: sequence numbers or UIDs, as the command used.
    package static func modified(_ messages: NumberSet) -> ResponseCode { ResponseCode("MODIFIED \(messages.text)") }
}

extension NumberSet {
    /// As a sequence-set of the wire; empty for no numbers.
    package var text: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound):\($0.upperBound)" }.joined(separator: ",")
    }
}

/// The spelling of the system flags.
package enum FlagNames {
    package static func system(_ flags: SystemFlags) -> [String] {
        var names: [String] = []
        if flags.contains(.answered) { names.append("\\Answered") }
        if flags.contains(.flagged) { names.append("\\Flagged") }
        if flags.contains(.deleted) { names.append("\\Deleted") }
        if flags.contains(.seen) { names.append("\\Seen") }
        if flags.contains(.draft) { names.append("\\Draft") }
        return names
    }
}
