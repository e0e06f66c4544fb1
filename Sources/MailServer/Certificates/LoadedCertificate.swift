package import FoundationEssentials
import NIOSSL
package import SessionIO
import SwiftASN1
import X509

/// A certificate with its key as read from files, ready for handshakes.
package struct LoadedCertificate: Sendable {
    package let identity: TLSIdentity
    /// The host names and IP addresses it is for, in its own order.
    package let names: [String]
    package let notValidBefore: Date
    package let notValidAfter: Date

    /// Reads and checks both files. One that has expired is accepted: see ``warning(at:)``.
    package init(_ files: CertificateFiles, settings: ServerConfiguration.TLS = ServerConfiguration().tls)
        throws(CertificateProblem)
    {
        let chainBytes = try Self.read(files.certificate, as: "certificate", key: "tls.certificate")
        let keyBytes = try Self.read(files.key, as: "private key", key: "tls.key")
        let leaf = try Self.leaf(chainBytes, path: files.certificate)
        let (chain, key): ([NIOSSLCertificate], NIOSSLPrivateKey)
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(chainBytes)
        } catch {
            throw Self.noCertificate(files.certificate)
        }
        do {
            key = try NIOSSLPrivateKey(bytes: keyBytes, format: .pem)
        } catch {
            throw CertificateProblem(
                "The file \(files.key) (tls.key) holds no usable private key.",
                remedy: "It must hold one unencrypted PEM key, as “-----BEGIN PRIVATE KEY-----”.")
        }
        let mismatch = CertificateProblem(
            "The key in \(files.key) (tls.key) does not match the certificate in \(files.certificate) (tls.certificate).",
            remedy:
                "Use the key that the certificate was requested with; the server's own certificate comes first in its file."
        )
        if let ours = try? Certificate.PrivateKey(pemEncoded: String(decoding: keyBytes, as: UTF8.self)),
            ours.publicKey != leaf.publicKey
        {
            throw mismatch
        }
        do {
            let secrets = settings.channelBinding ? ExporterSecrets() : nil
            let context = try NIOSSLContext(
                configuration: TLSPolicy.configuration(
                    chain: chain, key: key, minimumVersion: settings.minimumVersion, exporterSecrets: secrets))
            _ = TLSContext.refine(context)
            identity = TLSIdentity(
                context: context, serverEndPoint: try ServerEndPoint.binding(of: leaf), exporterSecrets: secrets)
        } catch {
            // BoringSSL compares the two as well, for the kinds of key that X509 cannot read.
            throw mismatch
        }
        names = Self.names(of: leaf)
        notValidBefore = leaf.notValidBefore
        notValidAfter = leaf.notValidAfter
    }

    /// One sentence if clients refuse it at `time`, or soon will.
    package func warning(at time: Date) -> String? {
        let week: TimeInterval = 7 * 86400
        if time > notValidAfter {
            return "the TLS certificate expired on \(Self.day(notValidAfter)), clients refuse it"
        }
        if time < notValidBefore {
            return "the TLS certificate is not valid before \(Self.day(notValidBefore)), clients refuse it"
        }
        if time + week > notValidAfter { return "the TLS certificate expires on \(Self.day(notValidAfter))" }
        return nil
    }

    private static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }

    private static func read(_ path: String, as what: String, key: String) throws(CertificateProblem) -> [UInt8] {
        do {
            return try SmallFile.read(path, limit: 1 << 20)
        } catch {
            throw CertificateProblem(
                "The \(what) \(path) (\(key)) cannot be read: \(error.reason).",
                remedy: ReadPermission.missing(for: path) ?? error.remedy)
        }
    }

    private static func leaf(_ bytes: [UInt8], path: String) throws(CertificateProblem) -> Certificate {
        do {
            let documents = try PEMDocument.parseMultiple(pemString: String(decoding: bytes, as: UTF8.self))
            guard let first = documents.first(where: { $0.discriminator == Certificate.defaultPEMDiscriminator }) else {
                throw noCertificate(path)
            }
            return try Certificate(derEncoded: first.derBytes)
        } catch {
            throw noCertificate(path)
        }
    }

    private static func noCertificate(_ path: String) -> CertificateProblem {
        CertificateProblem(
            "The file \(path) (tls.certificate) holds no usable certificate.",
            remedy:
                "It must hold the server's certificate in PEM form (“-----BEGIN CERTIFICATE-----”), then the intermediate ones."
        )
    }

    static func names(of certificate: Certificate) -> [String] {
        guard let alternatives = try? certificate.extensions.subjectAlternativeNames else { return [] }
        return alternatives.compactMap { name in
            switch name {
            case .dnsName(let name): name
            case .ipAddress(let octets): IPAddressText.render(octets.bytes)
            default: nil
            }
        }
    }
}
