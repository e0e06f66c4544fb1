import NIOSSL
import SessionIO

/// A certificate for mx.example.test that no authority signed; it serves these tests only.
enum TestIdentity {
    /// Stands for the certificate's hash.
    static let binding = Array("binding".utf8)

    static func source() throws -> TLSIdentitySource {
        let certificate = try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        let secrets = ExporterSecrets()
        configuration.keyLogCallback = { secrets.record($0) }
        return TLSIdentitySource(
            TLSIdentity(
                context: try NIOSSLContext(configuration: configuration), serverEndPoint: binding,
                exporterSecrets: secrets)
        )
    }

    static func client() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        return try NIOSSLContext(configuration: configuration)
    }

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBpjCCAU2gAwIBAgIULFEpP/c+avTc8iualbVF8xrBGpcwCgYIKoZIzj0EAwIw
        GjEYMBYGA1UEAwwPbXguZXhhbXBsZS50ZXN0MCAXDTI2MTEyMTA3NTkzNloYDzIx
        MjYxMDI4MDc1OTM2WjAaMRgwFgYDVQQDDA9teC5leGFtcGxlLnRlc3QwWTATBgcq
        hkjOPQIBBggqhkjOPQMBBwNCAAQk/PaozeJUYRqO9LDy65Dw0xvCjzlF2sOMPXEA
        tIWQOZToNxSYdxXn7WzAMjz7ZoOiK6gX2ZKhXyqEF0fKf9XKo28wbTAdBgNVHQ4E
        FgQUEwdvXTZPUUbUy6ijsIjvTPoQcdIwHwYDVR0jBBgwFoAUEwdvXTZPUUbUy6ij
        sIjvTPoQcdIwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgg9teC5leGFtcGxl
        LnRlc3QwCgYIKoZIzj0EAwIDRwAwRAIgBIgklnvXARvl4CHkhSlgj5TfFMpUYKI7
        QsPOoZAyiXACID+lIMDWBtYJZnJhB3wzgX5KSqxZ0MGGN5W+HlSenyTd
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEqgPFnb4CFQFNBHw
        +RROaoZoNkOGljpShfNfWiKBEaChRANCAAQk/PaozeJUYRqO9LDy65Dw0xvCjzlF
        2sOMPXEAtIWQOZToNxSYdxXn7WzAMjz7ZoOiK6gX2ZKhXyqEF0fKf9XK
        -----END PRIVATE KEY-----
        """
}
