import Glibc

/// The IP address of the other end of a connection.
package struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes, network order. An IPv4 address mapped into IPv6 is kept as IPv4 (RFC 4291 §2.5.5.2).
    package let bytes: [UInt8]

    /// 4 or 16 bytes in network order; nil for any other length.
    package init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self.bytes = bytes
        case 16: self.bytes = bytes.starts(with: Self.mappedPrefix) ? Array(bytes[12...]) : bytes
        default: return nil
        }
    }

    /// Dotted-quad IPv4 or colon-separated IPv6; a zone (`%eth0`) is ignored.
    package init?(_ text: String) {
        let plain = String(text.prefix { $0 != "%" })
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, plain, &buffer) == 1 {
            self.init(bytes: Array(buffer[..<4]))
        } else if inet_pton(AF_INET6, plain, &buffer) == 1 {
            self.init(bytes: buffer)
        } else {
            return nil
        }
    }

    package static let loopback = PeerAddress(v4: [127, 0, 0, 1])

    private init(v4 bytes: [UInt8]) { self.bytes = bytes }

    package var isIPv6: Bool { bytes.count == 16 }

    package var isLoopback: Bool {
        isIPv6 ? bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 } : bytes[0] == 127
    }

    /// What one party usually controls: the address itself, or the /64 of an IPv6 address.
    package var network: PeerAddress {
        guard isIPv6 else { return self }
        return PeerAddress(v4: Array(bytes[..<8]) + [UInt8](repeating: 0, count: 8))
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isIPv6 ? AF_INET6 : AF_INET
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// As an address literal of SMTP: `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3).
    package var literal: String { isIPv6 ? "[IPv6:\(description)]" : "[\(description)]" }

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
}
