import NIOSSL
import SessionIO

/// A certificate for tests only: self-signed, made with a key that is printed here.
enum TestIdentity {
    static func make() throws -> TLSIdentity {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        return TLSIdentity(context: try NIOSSLContext(configuration: configuration), serverEndPoint: [1, 2, 3])
    }

    static func clientContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        return try NIOSSLContext(configuration: configuration)
    }

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBgDCCASWgAwIBAgIUZCsZnvKbIWmIBjM65C94i7y+fL4wCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA4MjQwMFoYDzIxMjYxMDI4
        MDgyNDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAASEhk+2s6baPTppoP8zmSkvCSVHFJ0WfbC2BE4fWKCAOPrRVt8GpY0S
        jkuSCi/PhGrAE5QKu+VvlmnNazkGOZJJo1MwUTAdBgNVHQ4EFgQUwv/CsVuKOu2y
        UP4btbAc3Jw+by0wHwYDVR0jBBgwFoAUwv/CsVuKOu2yUP4btbAc3Jw+by0wDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAiD7bphWGYc/ZFAt2TZqG
        x2HlQ8aAD17OZHDsztOGRqMCIQD3b1snVNQUPPkAYNt+JbXscWEumEl8A5mXwI9m
        Jw1lag==
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfJroqsKIM5F+TLNK
        02XnmEBi17NGYFU4iWex/fc7lqehRANCAASEhk+2s6baPTppoP8zmSkvCSVHFJ0W
        fbC2BE4fWKCAOPrRVt8GpY0SjkuSCi/PhGrAE5QKu+VvlmnNazkGOZJJ
        -----END PRIVATE KEY-----
        """
}
