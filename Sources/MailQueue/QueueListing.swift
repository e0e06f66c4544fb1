import MailModel
package import MailStore

/// A queue row with the names and forms that scripts get from `queue list --json`: ids as strings, times in RFC 3339.
package struct QueueListing: Hashable, Sendable, Codable {
    package let id: String
    package let deliveryId: String
    package let messageId: String?
    /// Empty: the null sender.
    package let sender: String
    package let recipient: String
    package let domain: String
    package let state: String
    package let attempts: Int
    package let next: String
    package let expires: String
    package let lastReply: String?
    /// In bytes.
    package let size: Int64

    package init(_ entry: QueueEntry) {
        id = String(entry.id)
        deliveryId = entry.delivery.rawValue
        messageId = entry.messageID
        sender = entry.sender
        recipient = entry.recipient
        domain = entry.domain
        state = entry.state.rawValue
        attempts = entry.attempts
        next = RFC3339.text(entry.next)
        expires = RFC3339.text(entry.expires)
        lastReply = entry.lastReply
        size = entry.size
    }
}
