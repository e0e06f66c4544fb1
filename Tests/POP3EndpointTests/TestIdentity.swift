import NIOSSL
import SessionIO

/// A certificate for tests only: self-signed, made with a key that is printed here.
enum TestIdentity {
    static func make() throws -> TLSIdentity {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        let secrets = ExporterSecrets()
        configuration.keyLogCallback = { secrets.record($0) }
        return TLSIdentity(
            context: try NIOSSLContext(configuration: configuration), serverEndPoint: [1, 2, 3],
            exporterSecrets: secrets)
    }

    static func clientContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        return try NIOSSLContext(configuration: configuration)
    }

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASWgAwIBAgIUIQ+aVnLcmEZOvijapkITVg506xAwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA3NTUzMVoYDzIxMjYxMDI4
        MDc1NTMxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASODKL5TyAhvjiv7mS3MRYPXVNwjnxb2PAJIdmUP8SI5n9duLkJbMWS
        84G/olwLWiwxCLQkT3Mg6YwOgdKQk4I/o1MwUTAdBgNVHQ4EFgQUV+6BuLkfSEKe
        1GA9psydzqFzvwEwHwYDVR0jBBgwFoAUV+6BuLkfSEKe1GA9psydzqFzvwEwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAxkI+4+tZTWIjWRNqhkwMm
        daokzQl7HalM1cGd0V2RZgIgZjKOaslXICy2ggDpBHntbjSLNLDJtazzjZPnDdNV
        kdU=
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAGbimuDmKDXQVyey
        bOUf8zW9+bfUfC9GevlK0Lm8v4WhRANCAASODKL5TyAhvjiv7mS3MRYPXVNwjnxb
        2PAJIdmUP8SI5n9duLkJbMWS84G/olwLWiwxCLQkT3Mg6YwOgdKQk4I/
        -----END PRIVATE KEY-----
        """
}
