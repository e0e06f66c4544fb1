import NIOCore

/// IP addresses between text and the octets of a certificate (RFC 5280 §4.2.1.6).
enum IPAddressText {
    /// 4 or 16 bytes; nil if `text` is no address.
    static func parse(_ text: String) -> [UInt8]? {
        guard let address = try? SocketAddress(ipAddress: text, port: 0) else { return nil }
        // The address stands at byte 4 of sockaddr_in and byte 8 of sockaddr_in6 (ip(7), ipv6(7)).
        return address.withSockAddr { pointer, size in
            let raw = UnsafeRawBufferPointer(start: pointer, count: size)
            return switch address.protocol {
            case .inet where size >= 8: Array(raw[4..<8])
            case .inet6 where size >= 24: Array(raw[8..<24])
            default: nil
            }
        }
    }

    static func render(_ octets: ArraySlice<UInt8>) -> String? {
        try? SocketAddress(packedIPAddress: ByteBuffer(bytes: octets), port: 0).ipAddress
    }
}
