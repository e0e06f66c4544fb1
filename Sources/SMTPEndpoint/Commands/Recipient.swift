import Accounts
import Delivery
import MailModel
import MailStore
import SMTPWire

extension SMTPSession {
    /// RCPT (RFC 5321 §4.1.1.3): one refused, the others stay.
    func recipient(_ path: ForwardPath, _ parameters: RecipientParameters) async {
        guard let open = transaction else {
            reply(.mailFirst)
            return
        }
        transaction?.recipientCommands += 1
        guard open.recipientCommands < settings.recipientLimit + Self.excessCommands else {
            // Nobody who reads replies gets here.
            machine.abuseCounted()
            return reply(.tooManyRecipients)
        }
        guard await open.delivery.recipientCount < settings.recipientLimit else {
            // RFC 5321 §4.5.3.1.10: the client sends the rest in a further transaction.
            service.metrics.countRefusal(stage: "rcpt", fault: "peer")
            reply(.tooManyRecipients)
            return
        }
        if let refusal = overBudget(.recipients) { return refuse(refusal, at: "rcpt", about: "recipient") }
        do throws(DeliveryRefusal) {
            try await add(path, RecipientOptions(parameters), to: open.delivery)
            transaction?.recipients += 1
            machine.recipientAccepted()
            reply(Reply(.ok, .recipientOK, "Recipient OK"))
        } catch {
            if let account { service.sending.giveBack(1, .recipients, of: account.record.id) }
            refuse(error, at: "rcpt", about: path.address?.description ?? "postmaster")
        }
    }

    /// RCPT commands beyond the limit of recipients that are answered without blame: repeated ones, and those that were sent
    /// before the refusal of others came back.
    private static let excessCommands = 1000

    private func add(
        _ path: ForwardPath, _ options: RecipientOptions, to delivery: MailTransaction
    ) async throws(DeliveryRefusal) {
        var refusal = DeliveryRefusal(
            550, "5.1.1", "No postmaster here", cause: "the host's name has no domain of ours")
        for address in path.address.map({ [$0] }) ?? settings.postmasters {
            do throws(DeliveryRefusal) {
                return try await delivery.addRecipient(address, options: options)
            } catch {
                refusal = error
            }
        }
        throw refusal
    }
}

extension RecipientOptions {
    init(_ parameters: RecipientParameters) {
        self.init(notify: parameters.notify?.text, originalRecipient: parameters.original?.encoded)
    }
}
