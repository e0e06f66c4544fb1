import Bytes
import MessageFormat

/// FROM, SUBJECT, HEADER, BODY, TEXT and their like (RFC 9051 §6.4.4).
struct TextKey: Hashable, Sendable {
    enum Scope: Hashable, Sendable {
        /// In lower case.
        case field(String)
        case body
        /// Header and body.
        case message
    }

    let scope: Scope
    let needle: Needle

    init(_ scope: Scope, _ text: String) {
        if case .field(let name) = scope { self.scope = .field(name.lowercased()) } else { self.scope = scope }
        needle = Needle(text)
    }

    /// The answer of the envelope. Nil if only the content can tell: another field, BODY and TEXT, and mere presence where
    /// the envelope cannot tell a missing field from an empty one.
    func answer(_ envelope: Envelope) -> Bool? {
        guard case .field(let name) = scope else { return nil }
        let text: String?
        switch name {
        case "subject": text = envelope.subject.map { EncodedWord.decode($0) }
        case "from": text = Self.text(envelope.from)
        case "to": text = Self.text(envelope.to)
        case "cc": text = Self.text(envelope.cc)
        case "bcc": text = Self.text(envelope.bcc)
        case "date": text = envelope.date?.text
        case "message-id": text = envelope.messageID?.text
        case "in-reply-to": text = envelope.inReplyTo?.text
        default: return nil
        }
        guard let text else { return needle.bytes.isEmpty ? nil : false }
        return needle.isIn(text)
    }

    /// Addresses as people read them; nil for an empty list.
    static func text(_ addresses: [MessageAddress]) -> String? {
        guard !addresses.isEmpty else { return nil }
        var text = ""
        for address in addresses {
            if address.isGroupEnd {
                text += ";"
                continue
            }
            if !text.isEmpty { text += text.hasSuffix(":") ? " " : ", " }
            if address.isGroupStart {
                text += (address.decodedName ?? "") + ":"
                continue
            }
            let plain = address.addressText ?? address.mailbox?.text ?? ""
            if let name = address.decodedName, !name.isEmpty {
                text += "\(name) <\(plain)>"
            } else {
                text += plain
            }
        }
        return text
    }
}
