import Logging
import MailModel
import MailStore
import MessageFormat
import NIOCore

/// The DSN that tells a sender what became of local recipients after the `250` (RFC 3461 §6).
struct DeliveryReport {
    /// A message larger than this is not sent back as a whole, even if asked for (RFC 3461 §4.3 allows it).
    private static let returnLimit = 256 * 1024

    let envelope: DeliveryEnvelope
    let message: StagedMessage
    /// Bytes of our own Return-Path line, which is not part of what the sender sent.
    let skip: Int
    let recipients: [ReportedRecipient]

    func build(id: DeliveryID, to sender: EmailAddress, host: DomainName, now: Timestamp) async -> ByteBuffer {
        var notification = DeliveryStatusNotification(
            reportingHost: host.ascii, from: "mailer-daemon@\(host.ascii)",
            to: envelope.options.smtpUTF8 ? sender.description : sender.ascii, date: now,
            messageID: "<\(id)@\(host.ascii)>",
            recipients: recipients.map { status(of: $0, now) }, returned: await returned())
        notification.envelopeID = envelope.options.envelopeID.flatMap(Xtext.decode)
        notification.arrivalDate = envelope.received
        notification.receivedFrom = DomainName(envelope.context.helo)?.ascii
        notification.allowsUTF8 = envelope.options.smtpUTF8
        notification.originalMessageID = message.summary.messageID?.text
        return notification.build()
    }

    private func status(of recipient: ReportedRecipient, _ now: Timestamp) -> DeliveryStatusNotification.Recipient {
        let original = recipient.given.options.originalRecipient.flatMap(Xtext.decode)
        let address = recipient.given.address
        let text = envelope.options.smtpUTF8 ? address.description : address.ascii
        switch recipient.fate {
        case .delivered:
            return DeliveryStatusNotification.Recipient(
                original: original, address: text, action: .delivered, status: "2.0.0", lastAttempt: now)
        case .failed(let refusal):
            // The message is not tried again, so the failure is permanent whatever caused it (RFC 3463 §2).
            return DeliveryStatusNotification.Recipient(
                original: original, address: text, action: .failed, status: "5" + refusal.enhanced.dropFirst(),
                diagnostic: "5\(refusal.code % 100) 5\(refusal.enhanced.dropFirst()) \(refusal.text)", lastAttempt: now)
        }
    }

    private func returned() async -> DeliveryStatusNotification.Returned {
        let hasFailure = recipients.contains { if case .failed = $0.fate { true } else { false } }
        if hasFailure, envelope.options.returnContent?.uppercased() == "FULL", message.size - skip <= Self.returnLimit,
            let bytes = try? await message.content.read(at: skip, length: message.size - skip)
        {
            return .message(bytes)
        }
        let length = min(message.structure.root.headerRange.count, message.header.readableBytes)
        guard length > skip,
            let header = message.header.getSlice(at: message.header.readerIndex + skip, length: length - skip)
        else { return .nothing }
        return .header(header)
    }
}

extension DeliveryService {
    /// The report where somebody wants it, to be stored with the message's own commit; never about a message with the null
    /// sender (RFC 5321 §6.1). A report that cannot be made does not hold up the mail.
    func report(
        _ recipients: [ReportedRecipient], of envelope: DeliveryEnvelope, _ message: StagedMessage, skip: Int
    ) async -> NewDelivery? {
        let wanted = recipients.filter(\.isWanted)
        guard let sender = envelope.sender, !wanted.isEmpty else { return nil }
        let report = DeliveryReport(envelope: envelope, message: message, skip: skip, recipients: wanted)
        let time = now()
        let bytes = await report.build(id: identifiers.next(at: time), to: sender, host: settings.hostName, now: time)
        do throws(DeliveryRefusal) {
            var options = SenderOptions()
            options.smtpUTF8 = envelope.options.smtpUTF8
            if bytes.withUnsafeReadableBytes({ $0.contains { $0 >= 0x80 } }) { options.body = "8BITMIME" }
            // Reports about a report would never end.
            let transaction = try await local(
                bytes, sender: nil, recipients: [sender], session: envelope.context.session, options: options,
                recipientOptions: RecipientOptions(notify: "NEVER"))
            if let transaction { return try await transaction.prepare() }
            log.notice("no way to report to the sender", metadata: ["delivery": "\(envelope.id)"])
        } catch {
            log.error(
                "report not sent", metadata: ["delivery": "\(envelope.id)", "cause": "\(error.text) \(error.cause)"])
        }
        return nil
    }
}
