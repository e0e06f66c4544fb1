import Accounts
import Delivery
import Logging
import MailModel
import MailStore
import NIOCore
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
        if let refusal = overBudget(.messages) { return refuse(refusal, at: "mail", about: "message") }
        do throws(DeliveryRefusal) {
            let transaction = try await service.delivery.begin(
                context(for: parameters), sender: path.address, options: SenderOptions(parameters))
            self.transaction = OpenTransaction(
                delivery: transaction, memory: IntakeReservation(connection.intakeMemory))
            connection.engaged(true)
            logger[metadataKey: "delivery"] = "\(transaction.id)"
            machine.mailAccepted(parameters)
            reply(Reply(.ok, .senderOK, "Sender OK"))
        } catch {
            if let account { service.sending.giveBack(1, .messages, of: account.record.id) }
            refuse(error, at: "mail", about: path.address?.description ?? "<>")
        }
    }

    /// Takes one of `kind` from what the account may send; why not, if there is none.
    func overBudget(_ kind: SendingBudget.Kind) -> DeliveryRefusal? {
        guard let account = account?.record,
            let seconds = service.sending.take(kind, of: account.id, now: connection.eventLoop.now)
        else { return nil }
        let key = kind == .messages ? "limits.messagesPerHour" : "limits.recipientsPerDay"
        connection.note("sends too much", ["account": "\(account.address)", "limit": .string(key)])
        let what = kind == .messages ? "messages" : "recipients"
        return DeliveryRefusal(
            450, "4.7.0", "Your account has sent too many \(what); try again in \(seconds) seconds", cause: key)
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
