package import NIOCore

/// Lists of addresses as headers have them.
package enum AddressList {
    /// The addresses and group markers in `value`, folded or not. Never fails; see `AddressScanner`.
    package static func parse(_ value: ByteBuffer) -> [MessageAddress] {
        value.withUnsafeReadableBytes { bytes in
            var scanner = AddressScanner(value, bytes, 0..<bytes.count)
            return scanner.list()
        }
    }
}
