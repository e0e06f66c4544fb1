import Crypto
import SwiftASN1
import X509

/// The channel binding `tls-server-end-point`.
enum ServerEndPoint {
    /// RFC 5929 §4.1: the hash of the certificate by the hash function of its signature, but SHA-256 for MD5 and SHA-1.
    /// Where the signature names no single hash function (Ed25519, RSA-PSS) the RFC defines none; we take SHA-256, as
    /// clients do.
    static func binding(of certificate: Certificate) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        let bytes = serializer.serializedBytes
        return switch certificate.signatureAlgorithm {
        case .sha384WithRSAEncryption, .ecdsaWithSHA384: Array(SHA384.hash(data: bytes))
        case .sha512WithRSAEncryption, .ecdsaWithSHA512: Array(SHA512.hash(data: bytes))
        default: Array(SHA256.hash(data: bytes))
        }
    }
}
