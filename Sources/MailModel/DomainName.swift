import CIDN2

/// A domain, or an address literal such as `[192.0.2.1]` (RFC 5321 §4.1.3), normalised.
package struct DomainName: Hashable, Sendable, CustomStringConvertible {
    /// Lower-case A-labels (RFC 5890 §2.3.2.1): what DNS and old clients see, and what is compared.
    package let ascii: String
    /// Lower-case U-labels: what people see.
    package let unicode: String

    /// Reads either form; a final dot is dropped. Nil if a label is empty, too long or not allowed by IDNA 2008.
    package init?(_ text: String) {
        let name = text.utf8.last == 0x2E ? String(text.dropLast()) : text
        guard !name.isEmpty, name.utf8.count <= 255 else { return nil }
        if name.utf8.first == 0x5B {
            guard name.utf8.last == 0x5D, name.utf8.count > 2,
                name.utf8.dropFirst().dropLast().allSatisfy({
                    $0 > 0x20 && $0 < 0x7F && $0 != 0x5B && $0 != 0x5D && $0 != 0x5C
                })
            else { return nil }
            ascii = name.lowercased()
            unicode = ascii
            return
        }
        if name.utf8.allSatisfy({ $0 < 0x80 }), !name.lowercased().contains("xn--") {
            guard Self.isHostName(name) else { return nil }
            ascii = name.lowercased()
            unicode = ascii
            return
        }
        guard let ascii = Self.ascii(name), Self.isHostName(ascii),
            let unicode = Self.converted({ idn2_to_unicode_8z8z(ascii, $0, 0) })
        else { return nil }
        self.ascii = ascii
        // RFC 5891 §5.3: an A-label stands for a U-label only if that leads back to it. DNS has others too, which
        // are shown as they are, so that what is shown can be read again.
        self.unicode = Self.ascii(unicode) == ascii ? unicode : ascii
    }

    package var description: String { unicode }
    package var isAddressLiteral: Bool { ascii.utf8.first == 0x5B }

    package static func == (left: Self, right: Self) -> Bool { left.ascii == right.ascii }
    package func hash(into hasher: inout Hasher) { hasher.combine(ascii) }

    /// Letters, digits, hyphens and underscores in labels of 1 to 63 bytes. Underscores are no host names (RFC 952), but
    /// occur in real mail domains.
    private static func isHostName(_ name: String) -> Bool {
        name.utf8.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != 0x2D && label.last != 0x2D
                && label.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                    default: false
                    }
                }
        }
    }

    private static func ascii(_ name: String) -> String? {
        converted { idn2_to_ascii_8z(name, $0, Int32(IDN2_NONTRANSITIONAL.rawValue)) }
    }

    private static func converted(
        _ convert: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> String? {
        var output: UnsafeMutablePointer<CChar>?
        let status = convert(&output)
        defer { idn2_free(output) }
        guard status == Int32(IDN2_OK.rawValue), let output else { return nil }
        return String(cString: output)
    }
}
