/// Why a sender, a recipient or a message is not taken: one text for the peer, one for the log, one word for metrics.
package struct DeliveryRefusal: Error, Hashable, Sendable {
    /// Whose doing it is, for metrics.
    package enum Fault: String, Hashable, Sendable {
        /// The peer asked for what is not allowed or does not exist.
        case peer
        /// A full mailbox, a disabled account: the recipient's affair.
        case recipient
        /// We cannot now.
        case server
    }

    /// SMTP reply code (RFC 5321 §4.2.3).
    package let code: Int
    /// RFC 3463 status, such as `5.1.1`; its first digit is that of `code`.
    package let enhanced: String
    /// For the peer: ASCII, one line, nothing about our inside.
    package let text: String
    /// For the log.
    package let cause: String
    package let fault: Fault

    package init(_ code: Int, _ enhanced: String, _ text: String, cause: String = "", fault: Fault = .peer) {
        self.code = code
        self.enhanced = enhanced
        self.text = text
        self.cause = cause
        self.fault = fault
    }

    package var isTransient: Bool { code < 500 }
}
