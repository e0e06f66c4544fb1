import Foundation
import Logging

/// Which certificate a server shows.
enum CertificateSetup {
    /// `serve`: the configured files, or none.
    static func fromFiles(_ configuration: ServerConfiguration) throws -> CertificateKeeper? {
        guard let certificate = configuration.tls.certificate, let key = configuration.tls.key else { return nil }
        return try keeper(.files(CertificateFiles(certificate: certificate, key: key)), configuration)
    }

    /// `demo` without configured files: a certificate signed by an authority in the data folder, and the path of what to trust.
    static func demonstration(
        _ configuration: ServerConfiguration, directory: String
    ) throws -> (CertificateKeeper, trust: String) {
        let authority: CertificateAuthority
        do throws(CertificateProblem) {
            authority = try CertificateAuthority(directory: directory, names: [configuration.hostName])
        } catch {
            throw failure(error)
        }
        return (try keeper(.authority(authority), configuration), authority.certificatePath)
    }

    private static func keeper(
        _ source: CertificateKeeper.Source, _ configuration: ServerConfiguration
    ) throws -> CertificateKeeper {
        do throws(CertificateProblem) {
            return try CertificateKeeper(
                source, settings: configuration.tls, logger: Logger(label: "tls"))
        } catch {
            throw failure(error)
        }
    }

    private static func failure(_ problem: CertificateProblem) -> AdministrationFailure {
        AdministrationFailure(error: "certificate", message: problem.message, remedy: problem.remedy)
    }
}
