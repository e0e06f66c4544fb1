import Delivery
import Logging
import MailModel
import SMTPWire
import SessionIO

extension SMTPSession {
    /// MAIL (RFC 5321 §4.1.1.2): begins a transaction if Delivery takes the sender.
    func mail(_ path: ReversePath, _ parameters: MailParameters) async {
        // RFC 1870 §6.1: a declared size beyond the limit is refused before anything is sent.
        if let size = parameters.size, size > settings.messageLimit {
            service.metrics.countRefusal(stage: "mail", fault: "peer")
            reply(.messageTooLarge)
            return
        }
        do throws(DeliveryRefusal) {
            let transaction = try await service.delivery.begin(
                context(for: parameters), sender: path.address, options: SenderOptions(parameters))
            self.transaction = OpenTransaction(delivery: transaction)
            logger[metadataKey: "delivery"] = "\(transaction.id)"
            machine.mailAccepted(parameters)
            reply(Reply(.ok, .senderOK, "Sender OK"))
        } catch {
            refuse(error, at: "mail", about: path.address?.description ?? "<>")
        }
    }

    private func context(for parameters: MailParameters) -> DeliveryContext {
        DeliveryContext(
            kind: service.kind.isSubmission ? .submission : .reception,
            session: connection.id,
            peer: peer,
            helo: machine.clientName ?? "",
            protocolName: TransmissionType.name(
                isExtended: machine.isExtended, isEncrypted: machine.isEncrypted,
                isAuthenticated: machine.isAuthenticated, isInternationalised: parameters.isInternationalised),
            tls: connection.tls?.version,
            account: account)
    }
}

extension SenderOptions {
    init(_ parameters: MailParameters) {
        self.init(
            size: parameters.size.map { Int(clamping: $0) }, body: parameters.body?.rawValue,
            smtpUTF8: parameters.isInternationalised, returnContent: parameters.returnContent?.rawValue,
            envelopeID: parameters.envelopeID.map { Xtext.encode($0.utf8) })
    }
}
