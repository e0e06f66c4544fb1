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

    /// With `null` for what there is none of: scripts find every key.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(deliveryId, forKey: .deliveryId)
        try container.encode(messageId, forKey: .messageId)
        try container.encode(sender, forKey: .sender)
        try container.encode(recipient, forKey: .recipient)
        try container.encode(domain, forKey: .domain)
        try container.encode(state, forKey: .state)
        try container.encode(attempts, forKey: .attempts)
        try container.encode(next, forKey: .next)
        try container.encode(expires, forKey: .expires)
        try container.encode(lastReply, forKey: .lastReply)
        try container.encode(size, forKey: .size)
    }
}
