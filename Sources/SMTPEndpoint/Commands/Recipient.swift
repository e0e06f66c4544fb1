import Delivery
import MailModel
import SMTPWire

extension SMTPSession {
    /// RCPT (RFC 5321 §4.1.1.3): one refused, the others stay.
    func recipient(_ path: ForwardPath, _ parameters: RecipientParameters) async {
        guard let open = transaction else {
            reply(.mailFirst)
            return
        }
        guard let address = path.address ?? postmaster else {
            reply(Reply(.mailboxUnavailable, .unknownMailbox, "No postmaster here"))
            return
        }
        guard await open.delivery.recipientCount < settings.recipientLimit else {
            // RFC 5321 §4.5.3.1.10: the client sends the rest in a further transaction.
            service.metrics.countRefusal(stage: "rcpt", fault: "peer")
            reply(.tooManyRecipients)
            return
        }
        do throws(DeliveryRefusal) {
            try await open.delivery.addRecipient(address, options: RecipientOptions(parameters))
            machine.recipientAccepted()
            reply(Reply(.ok, .recipientOK, "Recipient OK"))
        } catch {
            machine.failureCounted()
            refuse(error, at: "rcpt", about: address.description)
        }
    }

    /// The reader of `<postmaster>` (RFC 5321 §4.5.1).
    private var postmaster: EmailAddress? {
        guard let domain = settings.postmasterDomain ?? DomainName(settings.hostname) else { return nil }
        return EmailAddress(localPart: "postmaster", domain: domain)
    }
}

extension RecipientOptions {
    init(_ parameters: RecipientParameters) {
        self.init(notify: parameters.notify?.text, originalRecipient: parameters.original?.encoded)
    }
}
