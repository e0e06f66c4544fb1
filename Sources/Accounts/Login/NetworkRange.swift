/// A block of addresses in CIDR form: `192.0.2.0/24`, `2001:db8::/32`, or one address.
package struct NetworkRange: Hashable, Sendable {
    private let base: PeerAddress
    private let length: Int

    /// Nil if `text` is no address, or the prefix length does not fit it.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let base = PeerAddress(String(first)) else { return nil }
        let bits = base.bytes.count * 8
        if parts.count == 2 {
            guard let length = Int(parts[1]), (0...bits).contains(length) else { return nil }
            self.length = length
        } else {
            length = bits
        }
        self.base = base
    }

    package func contains(_ address: PeerAddress) -> Bool {
        guard address.bytes.count == base.bytes.count else { return false }
        let whole = length / 8
        guard address.bytes[..<whole] == base.bytes[..<whole] else { return false }
        let rest = length % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
        return address.bytes[whole] & mask == base.bytes[whole] & mask
    }
}
