import MailModel

/// What became of a recipient that was accepted, once the message is committed.
struct ReportedRecipient: Sendable {
    enum Fate: Sendable {
        case delivered
        case failed(DeliveryRefusal)
    }

    let given: Route.Accepted
    let fate: Fate

    /// Whether the sender wants to hear of it (RFC 3461 §4.1): of failures unless told otherwise, of success only if asked.
    var isWanted: Bool {
        let words = given.options.notify?.uppercased().split(separator: ",")
        switch fate {
        case .delivered: return words?.contains("SUCCESS") ?? false
        case .failed: return words?.contains("FAILURE") ?? true
        }
    }
}
