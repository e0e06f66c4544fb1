/// When the sender wants a report about one recipient (RFC 3461 §4.1).
package struct NotifyConditions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let success = NotifyConditions(rawValue: 1)
    package static let failure = NotifyConditions(rawValue: 2)
    package static let delay = NotifyConditions(rawValue: 4)
    /// NOTIFY=NEVER: no report at all. A missing parameter is not this, but nil.
    package static let never: NotifyConditions = []

    /// As RCPT has it: `NEVER`, or a list.
    package var text: String {
        if self == .never { return "NEVER" }
        let words: [(NotifyConditions, String)] = [(.success, "SUCCESS"), (.failure, "FAILURE"), (.delay, "DELAY")]
        return words.filter { contains($0.0) }.map(\.1).joined(separator: ",")
    }
}

/// ORCPT (RFC 3461 §4.2): the address the sender gave before anyone rewrote it.
package struct OriginalRecipient: Hashable, Sendable {
    /// `rfc822`, `utf-8` (RFC 6533 §3) or another registered type, in lower case.
    package let type: String
    /// Decoded.
    package let address: String

    package init(type: String, address: String) {
        self.type = type
        self.address = address
    }

    /// `type;address` as it goes into a later RCPT or a report, in ASCII.
    package var encoded: String {
        type + ";" + (type == "utf-8" ? UTF8AddressXtext.encode(address) : Xtext.encode(address.utf8))
    }
}

/// The parameters of RCPT.
package struct RecipientParameters: Hashable, Sendable {
    package var notify: NotifyConditions?
    package var original: OriginalRecipient?

    package init() {}
}
