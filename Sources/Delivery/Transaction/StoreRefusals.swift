import MailStore

extension DeliveryRefusal {
    /// What a peer is told when the store does not do it.
    static func store(_ error: StoreError) -> DeliveryRefusal {
        switch error {
        case .overQuota:
            DeliveryRefusal(452, "4.2.2", "Mailbox full", cause: "over quota", fault: .recipient)
        case .notFound(let what):
            DeliveryRefusal(550, "5.1.1", "No such user here", cause: "gone: \(what)")
        case .limit(let what):
            DeliveryRefusal(452, "4.2.2", "Mailbox full", cause: what, fault: .recipient)
        case .diskFull(let what):
            // RFC 3463 §3.4, X.3.1: the system is full, not the mailbox.
            DeliveryRefusal(
                452, "4.3.1", "Insufficient system storage; try again later", cause: what, fault: .server)
        case .unavailable, .locked, .damaged, .alreadyExists, .notAllowed:
            DeliveryRefusal(451, "4.3.0", "Temporary failure; try again later", cause: "\(error)", fault: .server)
        }
    }
}
