package import NIOCore

/// Where a connection comes from, in the forms that limits and logs need.
package struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes, network order; IPv4 also when it came mapped into IPv6. Empty for a local socket.
    package let bytes: [UInt8]
    package let port: Int

    package init(bytes: [UInt8], port: Int) {
        let isMapped =
            bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        self.bytes = isMapped ? Array(bytes[12...]) : bytes
        self.port = port
    }

    package init(_ address: SocketAddress?) {
        // The address stands at byte 4 of sockaddr_in and byte 8 of sockaddr_in6 (ip(7), ipv6(7)).
        let bytes = address?.withSockAddr { pointer, size -> [UInt8] in
            let raw = UnsafeRawBufferPointer(start: pointer, count: size)
            switch address?.protocol {
            case .inet where size >= 8: return Array(raw[4..<8])
            case .inet6 where size >= 24: return Array(raw[8..<24])
            default: return []
            }
        }
        self.init(bytes: bytes ?? [], port: address?.port ?? 0)
    }

    package var isIPv6: Bool { bytes.count == 16 }

    /// A local socket, or no network at all.
    package var isLocal: Bool { bytes.isEmpty }

    package var isLoopback: Bool {
        if bytes.count == 4 { return bytes[0] == 127 }
        return bytes.isEmpty || (bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1)
    }

    /// What limits count by: the address, or the /64 of an IPv6 one, which one subscriber holds whole.
    package var limitKey: [UInt8] { isIPv6 ? Array(bytes[..<8]) : bytes }

    /// The address without port, IPv6 in RFC 5952 form.
    package var description: String {
        switch bytes.count {
        case 4: return bytes.map { String($0) }.joined(separator: ".")
        case 16:
            let buffer = ByteBuffer(bytes: bytes)
            return (try? SocketAddress(packedIPAddress: buffer, port: 0).ipAddress) ?? "?"
        default: return "local"
        }
    }

    /// As in `Received` and EHLO replies: `192.0.2.1` or `IPv6:2001:db8::1` (RFC 5321 §4.1.3).
    package var literal: String { isIPv6 ? "IPv6:\(description)" : description }
}
