import Accounts
import MailModel
import MailStore

/// Submission: a user sends only as themselves, in the envelope and in the header (RFC 6409 §6.1).
struct SenderAuthorisation {
    static let name = "sender"
    let addressBook: AddressBook

    func check(_ envelope: DeliveryEnvelope) async throws(DeliveryRefusal) {
        guard envelope.context.kind == .submission else { return }
        guard let account = envelope.context.account?.record else {
            throw DeliveryRefusal(530, "5.7.0", "Authentication required")
        }
        guard let sender = envelope.sender else { return }
        if try await !maySend(account, sender) {
            throw DeliveryRefusal(
                553, "5.7.1", "Sender address is not yours: <\(sender.ascii)>", cause: "account \(account.address)")
        }
    }

    func check(_ header: HeaderFacts, _ envelope: DeliveryEnvelope) async throws(DeliveryRefusal) {
        guard envelope.context.kind == .submission, let account = envelope.context.account?.record else { return }
        guard !header.hasUnreadableOriginator else {
            throw DeliveryRefusal(550, "5.6.0", "From or Sender has no readable address")
        }
        for address in Set(header.originators) {
            if try await maySend(account, address) { continue }
            throw DeliveryRefusal(
                550, "5.7.1", "From or Sender address is not yours: <\(address.ascii)>",
                cause: "account \(account.address)")
        }
    }

    private func maySend(_ account: AccountRecord, _ address: EmailAddress) async throws(DeliveryRefusal) -> Bool {
        do throws(StoreError) {
            return try await addressBook.maySend(account, as: address)
        } catch {
            throw .store(error)
        }
    }
}
