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
        switch Self.shape(of: name) {
        case .wrong:
            return nil
        case .hostName(let hasUppercase):
            ascii = hasUppercase ? name.lowercased() : name
            unicode = ascii
            return
        case .internationalised:
            break
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

    private enum Shape {
        /// Letters, digits, hyphens and underscores in labels of 1 to 63 bytes. Underscores are no host names (RFC 952), but
        /// occur in real mail domains.
        case hostName(hasUppercase: Bool)
        /// Has U-labels or A-labels, so that libidn2 must look at it.
        case internationalised
        case wrong
    }

    /// One pass over the bytes: an address is read for each SMTP command that has one.
    private static func shape(of name: String) -> Shape {
        var name = name
        return name.withUTF8 { bytes in
            var isInternationalised = false
            var isHostName = true
            var hasUppercase = false
            var start = 0
            for index in 0...bytes.count {
                guard index < bytes.count, bytes[index] != 0x2E else {
                    let length = index - start
                    if !(1...63).contains(length) || bytes[start] == 0x2D || bytes[index - 1] == 0x2D {
                        isHostName = false
                    }
                    start = index + 1
                    continue
                }
                switch bytes[index] {
                case 0x30...0x39, 0x61...0x7A, 0x5F: break
                case 0x41...0x5A: hasUppercase = true
                case 0x2D:
                    // xn-- at the start of a label, in either case.
                    if index == start + 3, bytes[index - 1] == 0x2D, bytes[start] | 0x20 == 0x78,
                        bytes[start + 1] | 0x20 == 0x6E
                    {
                        isInternationalised = true
                    }
                case 0x80...: isInternationalised = true
                // A C string would end at NUL, and nothing below it may be in a name.
                case 0...0x20, 0x7F: return .wrong
                default: isHostName = false
                }
            }
            if isInternationalised { return .internationalised }
            return isHostName ? .hostName(hasUppercase: hasUppercase) : .wrong
        }
    }

    /// Whether what libidn2 made of a name is one that DNS can have.
    private static func isHostName(_ ascii: String) -> Bool {
        ascii.utf8.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy { label in
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
