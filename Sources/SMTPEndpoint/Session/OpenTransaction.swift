import Delivery
import Logging
import NIOCore

/// A transaction from MAIL to its end.
struct OpenTransaction {
    let delivery: MailTransaction
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
        logger[metadataKey: "delivery"] = nil
        await open.delivery.abort()
    }
}
