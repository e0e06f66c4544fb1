import Bytes
package import MailModel
package import NIOCore

/// A report of what became of a message (RFC 3464), in the `multipart/report` of RFC 6522. Its envelope sender is `<>` (RFC
/// 3461 §6.1), which is for the sender of the report to see to.
package struct DeliveryStatusNotification: Sendable {
    /// RFC 3464 §2.3.3.
    package enum Action: String, Sendable {
        case failed, delayed, delivered, relayed, expanded
    }

    /// What happened to one recipient.
    package struct Recipient: Sendable {
        /// The ORCPT parameter as it was given, `rfc822;user@example`, xtext taken off (RFC 3461 §4.2).
        package var original: String?
        /// The address in the end.
        package var address: String
        package var action: Action
        /// RFC 3463: `5.1.1`.
        package var status: String
        /// What the other server said, `550 5.1.1 no such user`; nil where there was none.
        package var diagnostic: String?
        /// The server that said it.
        package var remoteHost: String?
        package var lastAttempt: Timestamp?
        /// For `delayed`: when the queue gives up.
        package var willRetryUntil: Timestamp?

        package init(
            original: String? = nil, address: String, action: Action, status: String, diagnostic: String? = nil,
            remoteHost: String? = nil, lastAttempt: Timestamp? = nil, willRetryUntil: Timestamp? = nil
        ) {
            self.original = original
            self.address = address
            self.action = action
            self.status = status
            self.diagnostic = diagnostic
            self.remoteHost = remoteHost
            self.lastAttempt = lastAttempt
            self.willRetryUntil = willRetryUntil
        }
    }

    /// How much of the message goes back (RET of RFC 3461 §4.3).
    package enum Returned: Sendable {
        case nothing
        /// The header, with or without its blank line.
        case header(ByteBuffer)
        case message(ByteBuffer)
    }

    /// This server's name.
    package var reportingHost: String
    /// The address the report comes from.
    package var from: String
    /// The envelope sender of the message, who gets the report.
    package var to: String
    package var date: Timestamp
    /// With angle brackets.
    package var messageID: String
    /// ENVID, xtext taken off.
    package var envelopeID: String?
    package var arrivalDate: Timestamp?
    package var receivedFrom: String?
    package var recipients: [Recipient]
    package var returned: Returned
    /// Whether the report itself may be sent with SMTPUTF8 (RFC 6533).
    package var allowsUTF8 = false
    /// The Message-ID of the message reported on, with angle brackets, for References.
    package var originalMessageID: String?

    package init(
        reportingHost: String, from: String, to: String, date: Timestamp, messageID: String, recipients: [Recipient],
        returned: Returned = .nothing
    ) {
        self.reportingHost = reportingHost
        self.from = from
        self.to = to
        self.date = date
        self.messageID = messageID
        self.recipients = recipients
        self.returned = returned
    }

    package func build() -> ByteBuffer {
        var message = MessageBuilder(allowsUTF8: allowsUTF8)
        message.add("From", addresses: [("Mail Delivery System", from)])
        message.add("To", addresses: [(nil, to)])
        message.add("Subject", text: subject)
        message.add("Date", date: date)
        message.add("Message-ID", structured: messageID)
        if let originalMessageID {
            message.add("In-Reply-To", structured: originalMessageID)
            message.add("References", structured: originalMessageID)
        }
        // RFC 3834 §5: nothing answers automatically to this.
        message.add("Auto-Submitted", structured: "auto-replied")
        var parts = [BodyPart.text(explanation), BodyPart.verbatim(status, type: statusType)]
        switch returned {
        case .nothing: break
        case .header(let bytes):
            // RFC 6533 §6.3: UTF-8 headers go as message/global-headers.
            let type = allowsUTF8 && !isASCII(bytes) ? "message/global-headers" : "text/rfc822-headers"
            parts.append(.verbatim(bytes, type: type))
        case .message(let bytes):
            parts.append(.verbatim(bytes, type: allowsUTF8 && !isASCII(bytes) ? "message/global" : "message/rfc822"))
        }
        message.setBody(.multipart("report", parts, parameters: "; report-type=" + reportType))
        return message.build()
    }

    private var reportType: String { allowsUTF8 ? "global-delivery-status" : "delivery-status" }
    private var statusType: String { allowsUTF8 ? "message/global-delivery-status" : "message/delivery-status" }

    private func isASCII(_ bytes: ByteBuffer) -> Bool {
        bytes.withUnsafeReadableBytes { $0.allSatisfy { $0 < 0x80 } }
    }

    /// RFC 3464 §2.2 and §2.3.
    private var status: ByteBuffer {
        var writer = HeaderWriter(allowsUTF8: allowsUTF8)
        if let envelopeID { writer.field("Original-Envelope-Id", structured: envelopeID) }
        writer.field("Reporting-MTA", structured: "dns; " + reportingHost)
        if let receivedFrom { writer.field("Received-From-MTA", structured: "dns; " + receivedFrom) }
        if let arrivalDate { writer.field("Arrival-Date", structured: InternetDate.format(arrivalDate)) }
        var output = writer.buffer
        for recipient in recipients {
            output.writeStaticString("\r\n")
            output.writeImmutableBuffer(fields(of: recipient))
        }
        return output
    }

    private func fields(of recipient: Recipient) -> ByteBuffer {
        var writer = HeaderWriter(allowsUTF8: allowsUTF8)
        if let original = recipient.original, let separator = original.firstIndex(of: ";") {
            let kind = original[..<separator]
            let address = String(original[original.index(after: separator)...])
            writer.field("Original-Recipient", structured: "\(kind); \(kind == "utf-8" ? encoded(address) : address)")
        }
        writer.field("Final-Recipient", structured: typed(recipient.address))
        writer.field("Action", structured: recipient.action.rawValue)
        writer.field("Status", structured: recipient.status)
        if let host = recipient.remoteHost { writer.field("Remote-MTA", structured: "dns; " + host) }
        if let diagnostic = recipient.diagnostic {
            writer.field("Diagnostic-Code", structured: "smtp; " + (allowsUTF8 ? diagnostic : printable(diagnostic)))
        }
        if let time = recipient.lastAttempt { writer.field("Last-Attempt-Date", structured: InternetDate.format(time)) }
        if let time = recipient.willRetryUntil, recipient.action == .delayed {
            writer.field("Will-Retry-Until", structured: InternetDate.format(time))
        }
        return writer.buffer
    }

    /// RFC 6533 §3: an address with UTF-8 has the type utf-8.
    private func typed(_ address: String) -> String {
        address.utf8.allSatisfy { $0 < 0x80 } ? "rfc822; " + address : "utf-8; " + encoded(address)
    }

    /// utf-8-addr-xtext of RFC 6533 §3 where the report must be ASCII.
    private func encoded(_ address: String) -> String {
        guard !allowsUTF8 else { return address }
        return address.unicodeScalars.map { scalar in
            let isPlain = scalar.value > 0x20 && scalar.value < 0x7F && scalar != "\\" && scalar != "+" && scalar != "="
            return isPlain ? String(Character(scalar)) : "\\x{\(String(scalar.value, radix: 16, uppercase: true))}"
        }.joined()
    }

    private func printable(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self)
    }

    private var hasFailures: Bool { recipients.contains { $0.action == .failed } }

    private var subject: String {
        if hasFailures { return "Undelivered mail returned to sender" }
        return recipients.contains { $0.action == .delayed }
            ? "Delayed mail: still being tried" : "Your mail has been delivered"
    }

    private var explanation: String {
        var text = "This is the mail system at \(reportingHost).\n\n"
        if hasFailures {
            text += "Your message could not be delivered to the recipients named below.\n"
        } else if recipients.contains(where: { $0.action == .delayed }) {
            text +=
                "Your message has not been delivered yet. There is nothing you need to do: it is being tried again.\n"
        } else {
            text += "Your message has reached the recipients named below.\n"
        }
        for recipient in recipients {
            text += "\n<\(recipient.address)>: \(Self.sentence(recipient))\n"
            if let host = recipient.remoteHost { text += "    The server \(host) answered:\n" }
            if let diagnostic = recipient.diagnostic { text += "    \(HeaderWriter.oneLine(diagnostic))\n" }
            if recipient.action == .delayed, let time = recipient.willRetryUntil {
                text += "    Attempts end at \(InternetDate.format(time)).\n"
            }
        }
        return text
    }

    private static func sentence(_ recipient: Recipient) -> String {
        switch recipient.action {
        case .failed: "not delivered (\(recipient.status))"
        case .delayed: "delayed (\(recipient.status))"
        case .delivered: "delivered"
        case .relayed: "handed to a server that sends no further reports"
        case .expanded: "passed on to the members of this address"
        }
    }
}
