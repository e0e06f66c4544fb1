import Accounts
import MailModel
import MessageFormat
import NIOCore

/// The lines put in front of a message: how it came here (RFC 5321 §4.4), and what a submitted one lacks.
struct TraceHeader {
    let bytes: ByteBuffer
    /// Bytes of the Return-Path line, which is for final delivery only.
    let returnPathLength: Int

    /// `recipient` is the only one; nil if there are several, whom a copy must not disclose (RFC 5321 §7.2).
    init(
        _ envelope: DeliveryEnvelope, recipient: EmailAddress?, host: DomainName, additions: [HeaderAddition],
        header facts: HeaderFacts
    ) {
        var bytes = ByteBuffer()
        bytes.writeString("Return-Path: <\(envelope.sender?.ascii ?? "")>\r\n")
        returnPathLength = bytes.readableBytes
        if envelope.context.kind != .local {
            bytes.writeString(Self.received(envelope, recipient: recipient, host: host))
        }
        for addition in additions { bytes.writeString("\(addition.name): \(addition.value)\r\n") }
        // Ours to begin, the message's first line to end: no byte of it changes, and the header stays one.
        if facts.hasMailboxLine { bytes.writeString("X-Mailbox-Line: ") }
        if facts.hasNoHeader { bytes.writeString("\r\n") }
        self.bytes = bytes
    }

    /// RFC 5321 §4.4: time-stamp line. Folded, so that no line is longer than 998 bytes whatever the names are.
    private static func received(_ envelope: DeliveryEnvelope, recipient: EmailAddress?, host: DomainName) -> String {
        let context = envelope.context
        let peer = context.peer.map { " (\($0.literal))" } ?? ""
        var text = "Received: from \(sanitised(context.helo))\(peer)\r\n\tby \(host.ascii) with \(context.protocolName)"
        if let tls = context.tls { text += " (\(comment(tls)))" }
        text += "\r\n\tid \(envelope.id)"
        // An address with UTF-8 may stand only in a message that is allowed to have it (RFC 6531 §3.7.3).
        if let recipient, !recipient.isInternationalised || envelope.options.smtpUTF8 {
            text += "\r\n\tfor <\(recipient.ascii)>"
        }
        return text + ";\r\n\t\(InternetDate.format(envelope.received))\r\n"
    }

    /// What the client called itself: a domain or address literal, else a word that claims nothing.
    private static func sanitised(_ helo: String) -> String {
        guard helo.utf8.count <= 255 else { return "unknown" }
        if let domain = DomainName(helo) { return domain.ascii }
        let isHarmless = helo.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"()<>\\\",;".utf8.contains($0) }
        return isHarmless && !helo.isEmpty ? helo : "unknown"
    }

    private static func comment(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(200).filter { $0 >= 0x20 && $0 < 0x7F && !"()\\".utf8.contains($0) },
            as: UTF8.self)
    }
}

/// A field that a message lacked.
struct HeaderAddition: Hashable, Sendable {
    let name: String
    let value: String
}
