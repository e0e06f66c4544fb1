import Crypto
package import FoundationEssentials
import Glibc
import SwiftASN1
import X509

/// A certificate authority of one's own, for trying things out: kept in `DIRECTORY/tls`, made when first asked for.
///
/// `ca.pem` is for clients to trust; `ca-key.pem`, `server.pem` and `server-key.pem` stay here. All are readable by the owner
/// only, as is everything in the folder. Opening the folder again keeps everything that still serves, so that clients which trust the authority go on doing so.
package struct CertificateAuthority: Sendable {
    /// The authority's certificate, for clients: PEM.
    package let certificatePath: String
    package let serverFiles: CertificateFiles

    private let keyPath: String
    private let names: [String]

    private static let authorityLifetime: TimeInterval = 3650 * 86400
    /// Below 398 days, beyond which some clients refuse a certificate.
    private static let serverLifetime: TimeInterval = 390 * 86400
    private static let renewalMargin: TimeInterval = 30 * 86400
    /// For clients whose clocks are behind.
    private static let clockTolerance: TimeInterval = 86400

    /// - Parameters:
    ///   - directory: the data folder, which must exist.
    ///   - names: host names and IP addresses for the certificate, besides `localhost`, 127.0.0.1 and ::1.
    package init(directory: String, names: [String], at time: Date = Date()) throws(CertificateProblem) {
        let folder = "\(directory)/tls"
        certificatePath = "\(folder)/ca.pem"
        keyPath = "\(folder)/ca-key.pem"
        serverFiles = CertificateFiles(certificate: "\(folder)/server.pem", key: "\(folder)/server-key.pem")
        self.names = (names + ["localhost", "127.0.0.1", "::1"]).reduce(into: []) { list, name in
            if !list.contains(name) { list.append(name) }
        }
        if mkdir(folder, 0o700) == 0 {
            SmallFile.syncFolder(of: folder)
        } else if errno != EEXIST {
            throw Self.unwritable(folder, SmallFile.Failure(code: errno))
        }
        try renew(at: time)
    }

    /// Makes what is missing or near its expiry; does nothing most of the time.
    ///
    /// - Returns: whether there is a new server certificate.
    @discardableResult
    package func renew(at time: Date) throws(CertificateProblem) -> Bool {
        let (authority, authorityKey) = try authority(at: time)
        if let server = try? Self.certificate(at: serverFiles.certificate),
            let key = try? Self.key(at: serverFiles.key), key.publicKey == server.publicKey,
            server.notValidBefore <= time, server.notValidAfter > time + Self.renewalMargin,
            Set(LoadedCertificate.names(of: server)) == Set(names),
            authority.publicKey.isValidSignature(server.signature, for: server)
        {
            return false
        }
        let key = P256.Signing.PrivateKey()
        let certificate: Certificate
        do {
            certificate = try serverCertificate(
                for: Certificate.PrivateKey(key), by: authority, signing: authorityKey, at: time)
        } catch {
            throw CertificateProblem(
                "No certificate can be made for \(names.joined(separator: ", ")): \(error).",
                remedy: "Check server.name.")
        }
        // The key goes first: between the two writes they do not match, which a reader notices and tries again.
        try Self.write(Array(key.pemRepresentation.utf8), to: serverFiles.key, mode: 0o600)
        try Self.write(Self.pem(certificate), to: serverFiles.certificate, mode: 0o600)
        return true
    }

    private func authority(at time: Date) throws(CertificateProblem) -> (Certificate, Certificate.PrivateKey) {
        // The key is written first and stays for ever: wherever the program is killed, what there is can be gone on with.
        var known: Certificate.PrivateKey?
        if access(certificatePath, F_OK) == 0 {
            let certificate = try Self.certificate(at: certificatePath)
            let key = try Self.key(at: keyPath)
            guard key.publicKey == certificate.publicKey else {
                throw CertificateProblem(
                    "\(keyPath) is not the key of \(certificatePath).",
                    remedy: "Restore both from a backup, or remove both to begin anew.")
            }
            if certificate.notValidAfter > time + Self.renewalMargin { return (certificate, key) }
            known = key
        } else if access(keyPath, F_OK) == 0 {
            known = try Self.key(at: keyPath)
        }
        let new = P256.Signing.PrivateKey()
        let key = known ?? Certificate.PrivateKey(new)
        let made: Certificate
        do {
            made = try Self.authorityCertificate(for: key, at: time)
        } catch {
            throw CertificateProblem(
                "No certificate authority can be made: \(error).", remedy: "Set tls.certificate and tls.key instead.")
        }
        if known == nil { try Self.write(Array(new.pemRepresentation.utf8), to: keyPath, mode: 0o600) }
        try Self.write(Self.pem(made), to: certificatePath, mode: 0o600)
        return (made, key)
    }

    private static func authorityCertificate(for key: Certificate.PrivateKey, at time: Date) throws -> Certificate {
        // The number in the name tells one authority from the next where a client trusts several.
        let number = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        let name = try DistinguishedName {
            OrganizationName("Martlet")
            CommonName("Martlet local authority \(number)")
        }
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            notValidBefore: time - clockTolerance, notValidAfter: time + authorityLifetime, issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            },
            issuerPrivateKey: key)
    }

    private func serverCertificate(
        for key: Certificate.PrivateKey, by authority: Certificate, signing authorityKey: Certificate.PrivateKey,
        at time: Date
    ) throws -> Certificate {
        let alternatives = names.map { name in
            IPAddressText.parse(name).map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...])) }
                ?? .dnsName(name)
        }
        // A common name holds 64 characters at most (RFC 5280 Appendix A.1); clients look at the alternatives only.
        let subject = try DistinguishedName { CommonName(String((names.first ?? "localhost").prefix(64))) }
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            notValidBefore: time - Self.clockTolerance,
            notValidAfter: min(time + Self.serverLifetime, authority.notValidAfter),
            issuer: authority.subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(alternatives)
                SubjectKeyIdentifier(hash: key.publicKey)
                AuthorityKeyIdentifier(keyIdentifier: try authority.extensions.subjectKeyIdentifier?.keyIdentifier)
            },
            issuerPrivateKey: authorityKey)
    }

    private static func certificate(at path: String) throws(CertificateProblem) -> Certificate {
        do {
            return try Certificate(
                pemEncoded: String(decoding: try SmallFile.read(path, limit: 1 << 20), as: UTF8.self))
        } catch {
            throw damaged(path, error)
        }
    }

    private static func key(at path: String) throws(CertificateProblem) -> Certificate.PrivateKey {
        do {
            return try Certificate.PrivateKey(
                pemEncoded: String(decoding: try SmallFile.read(path, limit: 1 << 20), as: UTF8.self))
        } catch {
            throw damaged(path, error)
        }
    }

    private static func damaged(_ path: String, _ error: any Error) -> CertificateProblem {
        let reason = (error as? SmallFile.Failure)?.reason ?? "it is damaged"
        return CertificateProblem(
            "\(path) cannot be used: \(reason).",
            remedy:
                "Restore it from a backup, or remove ca.pem and ca-key.pem to begin anew; clients must then trust the new ca.pem."
        )
    }

    private static func pem(_ certificate: Certificate) -> [UInt8] {
        guard let document = try? certificate.serializeAsPEM() else { return [] }
        return Array("\(document.pemString)\n".utf8)
    }

    private static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(CertificateProblem) {
        do {
            try SmallFile.replace(path, with: bytes, mode: mode)
        } catch {
            throw unwritable(path, error)
        }
    }

    private static func unwritable(_ path: String, _ failure: SmallFile.Failure) -> CertificateProblem {
        CertificateProblem(
            "\(path) cannot be written: \(failure.reason).",
            remedy: "Let the user who runs the server write to this folder.")
    }
}
