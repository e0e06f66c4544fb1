import Accounts
import MailModel
import MailStore

/// RCPT TO: whom the address reaches, if it may be reached from here.
struct RecipientRouting {
    static let name = "route"
    let addressBook: AddressBook

    func destinations(
        of recipient: EmailAddress, _ envelope: DeliveryEnvelope
    ) async throws(DeliveryRefusal) -> Resolution.Destinations {
        if recipient.isInternationalised, !envelope.options.smtpUTF8, envelope.context.kind != .local {
            throw DeliveryRefusal(553, "5.6.7", "Non-ASCII recipient address needs SMTPUTF8")
        }
        let resolution: Resolution
        do throws(StoreError) {
            resolution = try await addressBook.resolve(recipient)
        } catch {
            throw .store(error)
        }
        switch resolution {
        case .deliverable(let destinations):
            return destinations
        case .remote:
            guard envelope.context.kind != .reception else {
                throw DeliveryRefusal(550, "5.7.1", "Relaying denied", cause: "not a domain of ours")
            }
            return Resolution.Destinations(remote: [recipient])
        case .unknown:
            throw DeliveryRefusal(550, "5.1.1", "No such user here")
        case .disabled:
            throw DeliveryRefusal(550, "5.2.1", "Mailbox disabled", fault: .recipient)
        case .loop:
            throw DeliveryRefusal(550, "5.4.6", "Alias leads only to itself", fault: .recipient)
        }
    }
}
