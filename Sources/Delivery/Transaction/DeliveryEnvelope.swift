import MailModel

/// What is known of a message beside its content.
struct DeliveryEnvelope: Sendable {
    let id: DeliveryID
    let context: DeliveryContext
    /// Nil: the null sender.
    let sender: EmailAddress?
    let options: SenderOptions
    let received: Timestamp
}
