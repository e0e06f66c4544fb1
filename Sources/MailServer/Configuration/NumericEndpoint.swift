package import NIOCore

/// An IP address with a port, as `192.0.2.1:53` or `[2001:db8::1]:53`.
package struct NumericEndpoint: Hashable, Sendable, CustomStringConvertible {
    package let address: String
    package let port: Int

    /// Nil if `text` is not an IP address with a port from 0 to 65535.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = PortNumber.parse(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard Self.isAddress(String(host)) else { return nil }
        address = String(host)
        self.port = port
    }

    /// Whether `text` is an IPv4 or IPv6 address.
    static func isAddress(_ text: String) -> Bool { (try? SocketAddress(ipAddress: text, port: 0)) != nil }

    package func socketAddress() throws -> SocketAddress { try SocketAddress(ipAddress: address, port: port) }

    package var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

enum PortNumber {
    /// Decimal digits only, 0 to 65535.
    static func parse(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = UInt16(text)
        else { return nil }
        return Int(number)
    }
}
