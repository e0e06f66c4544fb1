import MailModel

/// MAIL FROM: what is declared must be possible at all.
struct DeclaredLimits {
    static let name = "limits"
    let settings: DeliverySettings

    func check(_ envelope: DeliveryEnvelope) throws(DeliveryRefusal) {
        // RFC 1870 §6.1: refuse at once what will not be taken.
        if let size = envelope.options.size, size > settings.maximumSize { throw Self.tooLarge(settings.maximumSize) }
        if envelope.sender?.isInternationalised == true, !envelope.options.smtpUTF8, envelope.context.kind != .local {
            throw DeliveryRefusal(550, "5.6.7", "Non-ASCII sender address needs SMTPUTF8")
        }
    }

    static func tooLarge(_ limit: Int) -> DeliveryRefusal {
        DeliveryRefusal(552, "5.3.4", "Message exceeds the maximum size of \(limit) bytes")
    }
}
