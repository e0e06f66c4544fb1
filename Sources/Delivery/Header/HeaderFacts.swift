import MailModel
import MessageFormat
import NIOCore

/// What the stages look at in a message's header, found in one pass.
struct HeaderFacts: Sendable {
    /// Whether the message begins with its body.
    let hasNoHeader: Bool
    /// Whether it begins with the `From ` line of a mailbox file.
    let hasMailboxLine: Bool
    private(set) var received = 0
    private(set) var hasDate = false
    private(set) var hasFrom = false
    private(set) var hasMessageID = false
    /// As written, without blanks around; for the trace.
    private(set) var messageID: String?
    /// All addresses of From and Sender fields.
    private(set) var originators: [EmailAddress] = []
    /// A From or Sender field has an element that is no address.
    private(set) var hasUnreadableOriginator = false

    /// Longest Message-ID kept, in bytes: the longest line there may be (RFC 5322 §2.1.1).
    private static let messageIDLimit = 998
    /// Addresses looked at; more than one is rare already.
    static let originatorLimit = 100

    init(_ gate: HeaderGate) {
        hasNoHeader = gate.hasNoHeader
        hasMailboxLine = gate.hasMailboxLine
        for field in HeaderBlock(gate.header) {
            if field.isNamed("Received") {
                received += 1
            } else if field.isNamed("Date") {
                hasDate = true
            } else if field.isNamed("Message-ID") {
                if !hasMessageID { messageID = Self.text(field) }
                hasMessageID = true
            } else if field.isNamed("From") {
                hasFrom = true
                read(originatorsOf: field)
            } else if field.isNamed("Sender") {
                read(originatorsOf: field)
            }
        }
    }

    private mutating func read(originatorsOf field: HeaderField) {
        let before = originators.count
        for element in AddressList.parse(field.rawValue) where element.isMailbox {
            guard originators.count < Self.originatorLimit,
                let mailbox = element.mailbox?.text, let host = element.host?.text,
                let domain = DomainName(host), let address = EmailAddress(localPart: mailbox, domain: domain)
            else {
                hasUnreadableOriginator = true
                return
            }
            originators.append(address)
        }
        if originators.count == before { hasUnreadableOriginator = true }
    }

    private static func text(_ field: HeaderField) -> String? {
        let value = field.unfoldedValue
        guard value.readableBytes > 0, value.readableBytes <= messageIDLimit else { return nil }
        return value.text
    }
}
