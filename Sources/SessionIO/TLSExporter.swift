import Crypto

/// Keying material that both ends of a TLS 1.3 connection, and nobody else, can compute (RFC 8446 §7.5).
package enum TLSExporter {
    /// The channel binding `tls-exporter` (RFC 9266 §2): 32 bytes. Nil if the secret is of no hash that TLS 1.3 uses.
    package static func channelBinding(exporterSecret secret: [UInt8]) -> [UInt8]? {
        switch secret.count {
        case SHA256.byteCount: export(SHA256.self, secret, label: "EXPORTER-Channel-Binding", length: 32)
        case SHA384.byteCount: export(SHA384.self, secret, label: "EXPORTER-Channel-Binding", length: 32)
        default: nil
        }
    }

    private static func export<H: HashFunction>(_: H.Type, _ secret: [UInt8], label: String, length: Int) -> [UInt8] {
        let nothing = Array(H.hash(data: [UInt8]()))
        let derived = expand(H.self, secret, label: label, context: nothing, length: H.Digest.byteCount)
        return expand(H.self, derived, label: "exporter", context: nothing, length: length)
    }

    /// HKDF-Expand-Label (RFC 8446 §7.1).
    private static func expand<H: HashFunction>(
        _: H.Type, _ secret: [UInt8], label: String, context: [UInt8], length: Int
    ) -> [UInt8] {
        let label = Array("tls13 \(label)".utf8)
        var info: [UInt8] = [UInt8(length >> 8), UInt8(length & 0xFF), UInt8(label.count)]
        info += label
        info.append(UInt8(context.count))
        info += context
        let key = HKDF<H>.expand(pseudoRandomKey: secret, info: info, outputByteCount: length)
        return key.withUnsafeBytes { Array($0) }
    }
}
