import Accounts
import MailModel
import MailStore
import MessageFormat

/// Submission: what a message must have and this one lacks (RFC 6409 §8): From, Date, Message-ID.
struct HeaderCompletion {
    static let name = "complete"
    let settings: DeliverySettings

    func additions(for header: HeaderFacts, _ envelope: DeliveryEnvelope) -> [HeaderAddition] {
        guard envelope.context.kind == .submission else { return [] }
        var additions: [HeaderAddition] = []
        if !header.hasFrom, let from = envelope.sender ?? envelope.context.account?.record.address {
            additions.append(HeaderAddition(name: "From", value: from.ascii))
        }
        if !header.hasDate {
            additions.append(HeaderAddition(name: "Date", value: InternetDate.format(envelope.received)))
        }
        if !header.hasMessageID {
            additions.append(HeaderAddition(name: "Message-ID", value: "<\(envelope.id)@\(settings.hostName.ascii)>"))
        }
        return additions
    }
}
