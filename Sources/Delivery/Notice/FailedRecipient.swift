import MailModel

/// A recipient that was accepted and could not be served after all.
struct FailedRecipient: Sendable {
    let given: Route.Accepted
    let final: EmailAddress
    let refusal: DeliveryRefusal

    /// Whether the sender wants to hear of it: unless NOTIFY says otherwise (RFC 3461 §4.1).
    var isReported: Bool {
        guard let notify = given.options.notify else { return true }
        return notify.uppercased().split(separator: ",").contains("FAILURE")
    }
}
