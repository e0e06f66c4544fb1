import NIOCore
import NIOSSL
import SessionIO

/// How TLS is spoken: BCP 195.
enum TLSPolicy {
    /// - RFC 9325 §3.1.1: nothing older than TLS 1.2.
    /// - RFC 9325 §4.2: forward secrecy and authenticated encryption for 1.2; BoringSSL fixes the three suites of 1.3.
    /// - RFC 9325 §3.3 and §3.5: BoringSSL has neither compression nor, as a server, renegotiation.
    static func configuration(
        chain: [NIOSSLCertificate], key: NIOSSLPrivateKey, minimumVersion: ServerConfiguration.TLS.Version,
        exporterSecrets: ExporterSecrets?
    ) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = minimumVersion == .tls13 ? .tlsv13 : .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        // RFC 9325 §4.2.1: elliptic curves of at least 224 bits; the first is post-quantum and costs little.
        configuration.curves = [.x25519_MLKEM768, .x25519, .secp256r1, .secp384r1]
        configuration.renegotiationSupport = .none
        // How long a peer may take to answer our goodbye; nothing of value is left to say by then.
        configuration.shutdownTimeout = .seconds(1)
        if let exporterSecrets { configuration.keyLogCallback = { exporterSecrets.record($0) } }
        return configuration
    }
}
