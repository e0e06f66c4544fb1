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
}
