import CTLS
import NIOSSL

/// Settings of the TLS library that swift-nio-ssl has no names for.
enum TLSContext {
    /// A day: RFC 8446 §4.6.1 allows a week, but whoever takes a server's ticket key can read what was resumed with it.
    private static let resumption: UInt32 = 86_400

    /// - The server's order of suites counts, not the client's (RFC 9325 §4.2.1 has servers prefer the best).
    /// - Sessions of TLS 1.3 can be resumed for a day, as those of 1.2 for two hours.
    ///
    /// False if the library has changed and neither is possible; connections work all the same.
    static func refine(_ context: NIOSSLContext) -> Bool {
        let member = Mirror(reflecting: context).children.first { $0.label == "sslContext" }
        guard let pointer = member?.value as? OpaquePointer else { return false }
        let raw = UnsafeMutableRawPointer(pointer)
        _ = CNIOBoringSSL_SSL_CTX_set_options(raw, UInt32(tls_option_server_preference))
        CNIOBoringSSL_SSL_CTX_set_session_psk_dhe_timeout(raw, resumption)
        return true
    }
}
