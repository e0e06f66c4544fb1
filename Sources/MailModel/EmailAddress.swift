/// An address that mail can be sent to, normalised so that equal addresses are equal values.
///
/// The local part keeps the letters it was written with; comparison is by `key`, which has no case (RFC 5321 §2.4
/// lets the receiving host decide) and is in NFC. The domain is kept in its Unicode form and compared in its ASCII
/// form (RFC 5890, UTS 46), so `BÜCHER.example` and `xn--bcher-kva.example` are one domain.
package struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// Unquoted, in NFC, with the writer's case.
    package let localPart: String
    package let domain: DomainName

    /// The form that is compared and stored: lower-case local part, `@`, ASCII domain.
    package let key: String

    /// Reads `local@domain`, the local part a dot-atom, quoted string or UTF-8 (RFC 6531). Nil if it is none of these,
    /// or longer than 64 and 255 bytes (RFC 5321 §4.5.3.1).
    package init?(_ text: String) {
        guard let at = text.utf8.lastIndex(of: 0x40) else { return nil }
        self.init(localPart: String(text[..<at]), domain: String(text[text.utf8.index(after: at)...]))
    }

    /// `localPart` as written (quoted or not) and `domain` in either form.
    package init?(localPart: String, domain: String) {
        guard let domain = DomainName(domain), let local = LocalPart.normalise(localPart) else { return nil }
        self.init(localPart: local, domain: domain)
    }

    /// A local part that is unquoted already, and a domain.
    package init?(localPart: String, domain: DomainName) {
        guard !localPart.isEmpty, localPart.utf8.count <= 64 else { return nil }
        self.localPart = localPart
        self.domain = domain
        key = LocalPart.folded(localPart) + "@" + domain.ascii
    }

    /// Whether the local part needs SMTPUTF8 (RFC 6531).
    package var isInternationalised: Bool { !localPart.utf8.allSatisfy { $0 < 0x80 } }

    /// The address as SMTP and headers write it, quoted where it must be (RFC 5321 §4.1.2), the domain in ASCII.
    package var ascii: String { LocalPart.quoted(localPart) + "@" + domain.ascii }

    /// The address as people read it.
    package var description: String { LocalPart.quoted(localPart) + "@" + domain.unicode }

    package static func == (left: Self, right: Self) -> Bool { left.key == right.key }
    package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
