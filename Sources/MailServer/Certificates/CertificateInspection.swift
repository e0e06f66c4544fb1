import FoundationEssentials
import Glibc
import MailStore
import SwiftASN1
import X509

/// Looks for damage in the files of certificates and keys: the configured ones, and those that `demo` has made.
struct CertificateInspection {
    let directory: String
    let configuration: ServerConfiguration

    func findings() -> [VerifyReport.Finding] {
        var findings: [VerifyReport.Finding] = []
        if let certificate = configuration.tls.certificate, let key = configuration.tls.key {
            findings += problem(CertificateFiles(certificate: certificate, key: key), "")
        }
        let folder = directory + "/tls"
        if access(folder, F_OK) == 0 { findings += inspect(folder) }
        return findings
    }

    private func problem(_ files: CertificateFiles, _ consequence: String) -> [VerifyReport.Finding] {
        do throws(CertificateProblem) {
            _ = try LoadedCertificate(files, settings: configuration.tls)
            return []
        } catch {
            return [
                VerifyReport.Finding(
                    object: files.certificate,
                    damage: "\(error.message) \(consequence.isEmpty ? error.remedy : consequence)")
            ]
        }
    }

    /// The authority of `demo` and what it has signed.
    private func inspect(_ folder: String) -> [VerifyReport.Finding] {
        let authority = certificate(folder + "/ca.pem")
        let remedy =
            "Restore \(folder) from a backup, or remove it: `martlet demo` makes a new authority, which clients do not know yet"
        guard let authority else {
            return [finding("\(folder)/ca.pem", "the certificate cannot be read. \(remedy)")]
        }
        var findings: [VerifyReport.Finding] = []
        if !authority.publicKey.isValidSignature(authority.signature, for: authority) {
            findings.append(
                finding("\(folder)/ca.pem", "the certificate is damaged: its signature does not fit. \(remedy)"))
        }
        if let key = key(folder + "/ca-key.pem") {
            if key.publicKey != authority.publicKey {
                findings.append(finding("\(folder)/ca-key.pem", "it is not the key of ca.pem. \(remedy)"))
            }
        } else {
            findings.append(finding("\(folder)/ca-key.pem", "the key cannot be read. \(remedy)"))
        }
        let renewal = "`martlet demo` makes a new one when it starts"
        let files = CertificateFiles(certificate: folder + "/server.pem", key: folder + "/server-key.pem")
        let problems = problem(files, renewal)
        findings += problems
        if problems.isEmpty, findings.isEmpty, let server = certificate(files.certificate),
            !authority.publicKey.isValidSignature(server.signature, for: server)
        {
            findings.append(
                finding(files.certificate, "the certificate is damaged: its signature does not fit. \(renewal)"))
        }
        return findings
    }

    private func finding(_ object: String, _ damage: String) -> VerifyReport.Finding {
        VerifyReport.Finding(object: object, damage: damage)
    }

    private func certificate(_ path: String) -> Certificate? {
        guard let bytes = try? SmallFile.read(path, limit: 1 << 20) else { return nil }
        return try? Certificate(pemEncoded: String(decoding: bytes, as: UTF8.self))
    }

    private func key(_ path: String) -> Certificate.PrivateKey? {
        guard let bytes = try? SmallFile.read(path, limit: 1 << 20) else { return nil }
        return try? Certificate.PrivateKey(pemEncoded: String(decoding: bytes, as: UTF8.self))
    }
}
