import MailModel
import MailQueue
package import MailStore

/// A trace line with the names and forms that scripts get from `trace --json`.
package struct TraceListing: Hashable, Sendable, Codable {
    package let time: String
    package let deliveryId: String
    package let stage: String
    package let sender: String?
    package let recipient: String?
    package let messageId: String?
    package let outcome: String
    package let code: Int?
    package let enhanced: String?
    package let remote: String?
    package let text: String

    package init(_ event: TraceEvent) {
        time = RFC3339.text(event.time)
        deliveryId = event.delivery.rawValue
        stage = event.stage
        sender = event.sender
        recipient = event.recipient
        messageId = event.messageID
        outcome = event.outcome
        code = event.code
        enhanced = event.enhanced
        remote = event.remote
        text = event.text
    }

    /// With `null` for what there is none of: scripts find every key.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(time, forKey: .time)
        try container.encode(deliveryId, forKey: .deliveryId)
        try container.encode(stage, forKey: .stage)
        try container.encode(sender, forKey: .sender)
        try container.encode(recipient, forKey: .recipient)
        try container.encode(messageId, forKey: .messageId)
        try container.encode(outcome, forKey: .outcome)
        try container.encode(code, forKey: .code)
        try container.encode(enhanced, forKey: .enhanced)
        try container.encode(remote, forKey: .remote)
        try container.encode(text, forKey: .text)
    }
}
