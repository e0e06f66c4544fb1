import Accounts
import Delivery
import Logging
import MailStore
import NIOCore
import SessionIO

/// A transaction from MAIL to its end.
struct OpenTransaction {
    let delivery: MailTransaction
    let memory: IntakeReservation
    /// RCPT commands, whatever became of them.
    var recipientCommands = 0
    /// Recipients taken from the account's budget.
    var recipients = 0
    /// Octets of content so far.
    var octets = 0
    /// Why the content is refused; set at the first bad piece, told after the last.
    var refusal: DeliveryRefusal?
}

extension SMTPSession {
    /// Gives up what has not been committed: at RSET, EHLO, QUIT, and whenever the connection goes.
    func dropTransaction() async {
        guard let open = transaction else { return }
        transaction = nil
        connection.engaged(false)
        if let account = account?.record.id {
            service.sending.giveBack(1, .messages, of: account)
            service.sending.giveBack(open.recipients, .recipients, of: account)
        }
        logger[metadataKey: "delivery"] = nil
        await open.delivery.abort()
    }
}
