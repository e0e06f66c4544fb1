package import NIOCore

/// A block of IP addresses in CIDR form: `192.0.2.0/24`, `2001:db8::/32`, or one address.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes, the host part cleared.
    private let base: [UInt8]
    private let length: Int

    /// Nil if `text` is no address, or the prefix length does not fit it.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = try? SocketAddress(ipAddress: String(first), port: 0) else {
            return nil
        }
        let bytes = Self.bytes(of: address)
        var length = bytes.count * 8
        if parts.count == 2 {
            guard let number = UInt8(parts[1]), Int(number) <= length else { return nil }
            length = Int(number)
        }
        self.init(bytes: bytes, length: length)
    }

    private init(bytes: [UInt8], length: Int) {
        base = bytes.indices.map { index in
            let kept = min(max(length - index * 8, 0), 8)
            return bytes[index] & UInt8(truncatingIfNeeded: 0xFF00 >> kept)
        }
        self.length = length
    }

    /// This machine: `127.0.0.0/8` and `::1`.
    package static let loopback = [
        AddressRange(bytes: [127, 0, 0, 0], length: 8),
        AddressRange(bytes: [UInt8](repeating: 0, count: 15) + [1], length: 128),
    ]

    /// Whether `address` lies within; an IPv4 address mapped into IPv6 counts as IPv4. Never for a local socket.
    package func contains(_ address: SocketAddress) -> Bool {
        let bytes = Self.bytes(of: address)
        guard bytes.count == base.count else { return false }
        return AddressRange(bytes: bytes, length: length).base == base
    }

    package var description: String {
        let address = (try? SocketAddress(packedIPAddress: ByteBuffer(bytes: base), port: 0).ipAddress) ?? "?"
        return length == base.count * 8 ? address : "\(address)/\(length)"
    }

    /// 4 or 16 bytes; none for a local socket.
    private static func bytes(of address: SocketAddress) -> [UInt8] {
        // The address stands at byte 4 of sockaddr_in and byte 8 of sockaddr_in6 (ip(7), ipv6(7)).
        let bytes = address.withSockAddr { pointer, size -> [UInt8] in
            let raw = UnsafeRawBufferPointer(start: pointer, count: size)
            switch address.protocol {
            case .inet where size >= 8: return Array(raw[4..<8])
            case .inet6 where size >= 24: return Array(raw[8..<24])
            default: return []
            }
        }
        let isMapped =
            bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes[12...]) : bytes
    }
}
