import Crypto
import Foundation
import Logging
import MailServer
import NIOSSL
import SessionIO
import SwiftASN1
import Testing
import X509

@Suite struct CertificateAuthorityTests {
    @Test func aFirstOpeningMakesAuthorityAndCertificate() throws {
        try Folder.use { folder in
            let authority = try CertificateAuthority(directory: folder, names: ["mail.example.test"])
            let loaded = try LoadedCertificate(authority.serverFiles)
            #expect(Set(loaded.names) == ["localhost", "127.0.0.1", "::1", "mail.example.test"])
            #expect(loaded.warning(at: Date()) == nil)
            #expect(loaded.identity.serverEndPoint.count == 32)
            #expect(try Folder.mode("\(folder)/tls/ca-key.pem") == 0o600)
            #expect(try Folder.mode(authority.serverFiles.key) == 0o600)
        }
    }

    @Test func theServerCertificateVerifiesAgainstTheAuthority() async throws {
        try await Folder.use { folder in
            let authority = try CertificateAuthority(directory: folder, names: [])
            let root = try Folder.certificate(authority.certificatePath)
            let leaf = try Folder.certificate(authority.serverFiles.certificate)
            var verifier = Verifier(rootCertificates: CertificateStore([root])) {
                RFC5280Policy()
                ServerIdentityPolicy(serverHostname: "localhost", serverIP: nil)
            }
            let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore([]))
            guard case .validCertificate = result else {
                Issue.record("\(result)")
                return
            }
        }
    }

    @Test func reopeningKeepsEverything() throws {
        try Folder.use { folder in
            let first = try CertificateAuthority(directory: folder, names: ["a.test"])
            let files = [first.certificatePath, first.serverFiles.certificate, first.serverFiles.key]
            let before = try files.map { try Data(contentsOf: URL(filePath: $0)) }
            let second = try CertificateAuthority(directory: folder, names: ["a.test"])
            #expect(try files.map { try Data(contentsOf: URL(filePath: $0)) } == before)
            #expect(try second.renew(at: Date()) == false)
        }
    }

    @Test func aNewNameOrANearExpiryMakesANewCertificateUnderTheSameAuthority() throws {
        try Folder.use { folder in
            let first = try CertificateAuthority(directory: folder, names: ["a.test"])
            let ca = try Data(contentsOf: URL(filePath: first.certificatePath))
            let second = try CertificateAuthority(directory: folder, names: ["b.test"])
            #expect(try LoadedCertificate(second.serverFiles).names.contains("b.test"))
            let later = Date() + 365 * 86400
            #expect(try second.renew(at: later))
            #expect(try LoadedCertificate(second.serverFiles).notValidAfter > later + 100 * 86400)
            #expect(try Data(contentsOf: URL(filePath: first.certificatePath)) == ca)
        }
    }

    /// The program may be killed between the key and the certificate.
    @Test func aKeyWithoutACertificateIsGoneOnWith() throws {
        try Folder.use { folder in
            let first = try CertificateAuthority(directory: folder, names: [])
            let key = try Data(contentsOf: URL(filePath: "\(folder)/tls/ca-key.pem"))
            try FileManager.default.removeItem(atPath: first.certificatePath)
            let second = try CertificateAuthority(directory: folder, names: [])
            #expect(try Data(contentsOf: URL(filePath: "\(folder)/tls/ca-key.pem")) == key)
            #expect(try second.renew(at: Date()) == false)
        }
    }

    @Test func aDamagedAuthorityIsNamedAndNotReplaced() throws {
        try Folder.use { folder in
            let authority = try CertificateAuthority(directory: folder, names: [])
            try Data("nothing".utf8).write(to: URL(filePath: "\(folder)/tls/ca-key.pem"))
            let problem = #expect(throws: CertificateProblem.self) { try authority.renew(at: Date()) }
            #expect(problem?.message == "\(folder)/tls/ca-key.pem cannot be used: it is damaged.")
        }
    }
}

@Suite struct LoadedCertificateTests {
    @Test func theChannelBindingFollowsTheSignature() throws {
        try Folder.use { folder in
            let key = P384.Signing.PrivateKey()
            let files = try Folder.selfSigned(
                in: folder, key: Certificate.PrivateKey(key), keyPEM: key.pemRepresentation, .ecdsaWithSHA384)
            let der = try PEMDocument(pemString: String(contentsOf: URL(filePath: files.certificate), encoding: .utf8))
                .derBytes
            #expect(try LoadedCertificate(files).identity.serverEndPoint == Array(SHA384.hash(data: der)))
        }
    }

    @Test func aMissingFileIsNamed() throws {
        try Folder.use { folder in
            let files = CertificateFiles(certificate: "\(folder)/none.pem", key: "\(folder)/none.key")
            let problem = #expect(throws: CertificateProblem.self) { try LoadedCertificate(files) }
            #expect(
                problem?.message
                    == "The certificate \(folder)/none.pem (tls.certificate) cannot be read: there is no such file.")
        }
    }

    @Test func aForeignKeyIsNoticed() throws {
        try Folder.use { folder in
            let authority = try CertificateAuthority(directory: folder, names: [])
            let files = CertificateFiles(certificate: authority.certificatePath, key: authority.serverFiles.key)
            let problem = #expect(throws: CertificateProblem.self) { try LoadedCertificate(files) }
            #expect(problem?.message.contains("does not match the certificate") == true)
        }
    }

    @Test func swappedFilesAreNoticed() throws {
        try Folder.use { folder in
            let authority = try CertificateAuthority(directory: folder, names: [])
            let files = authority.serverFiles
            var problem = #expect(throws: CertificateProblem.self) {
                try LoadedCertificate(CertificateFiles(certificate: files.key, key: files.certificate))
            }
            #expect(problem?.message.contains("holds no usable certificate") == true)
            problem = #expect(throws: CertificateProblem.self) {
                try LoadedCertificate(CertificateFiles(certificate: files.certificate, key: files.certificate))
            }
            #expect(problem?.message.contains("holds no usable private key") == true)
        }
    }

    @Test func anExpiredOneIsLoadedWithAWarning() throws {
        try Folder.use { folder in
            let key = P256.Signing.PrivateKey()
            let files = try Folder.selfSigned(
                in: folder, key: Certificate.PrivateKey(key), keyPEM: key.pemRepresentation, .ecdsaWithSHA256,
                until: Date(timeIntervalSince1970: 1_600_000_000))
            let loaded = try LoadedCertificate(files)
            #expect(loaded.warning(at: Date()) == "the TLS certificate expired on 2020-09-13, clients refuse it")
            #expect(
                loaded.warning(at: Date(timeIntervalSince1970: 1_599_900_000))
                    == "the TLS certificate expires on 2020-09-13")
        }
    }
}

@Suite struct CertificateKeeperTests {
    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func aChangedFileIsNoticed() throws {
        try Folder.use { folder in
            let files = try Folder.copyOfServer(in: folder, from: "one")
            let keeper = try CertificateKeeper(.files(files), logger: silent)
            let before = keeper.identities.current.serverEndPoint
            keeper.check()
            #expect(keeper.identities.current.serverEndPoint == before)
            _ = try Folder.copyOfServer(in: folder, from: "two")
            keeper.check()
            #expect(keeper.identities.current.serverEndPoint != before)
        }
    }

    @Test func aFailedReloadKeepsTheOldOne() throws {
        try Folder.use { folder in
            let files = try Folder.copyOfServer(in: folder, from: "one")
            let keeper = try CertificateKeeper(.files(files), logger: silent)
            let before = keeper.identities.current.serverEndPoint
            try Data("half a".utf8).write(to: URL(filePath: files.certificate))
            #expect(throws: CertificateProblem.self) { try keeper.reload() }
            keeper.check()
            #expect(keeper.identities.current.serverEndPoint == before)
        }
    }

    @Test func aSelfMadeOneIsRenewedInTime() throws {
        try Folder.use { folder in
            let authority = try CertificateAuthority(directory: folder, names: [])
            let later = Date() + 370 * 86400
            let keeper = try CertificateKeeper(.authority(authority), logger: silent, now: { later })
            let before = keeper.current.notValidAfter
            keeper.check()
            #expect(keeper.current.notValidAfter > before + 300 * 86400)
        }
    }
}

/// A folder of its own for each test, and what tests put there.
enum Folder {
    static func use<Result>(_ body: (String) throws -> Result) throws -> Result {
        let path = try make()
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    static func use<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let path = try make()
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    private static func make() throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    static func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    static func certificate(_ path: String) throws -> Certificate {
        try Certificate(pemEncoded: String(contentsOf: URL(filePath: path), encoding: .utf8))
    }

    static func selfSigned(
        in folder: String, key: Certificate.PrivateKey, keyPEM: String, _ algorithm: Certificate.SignatureAlgorithm,
        until: Date = Date() + 86400 * 100
    ) throws -> CertificateFiles {
        let name = try DistinguishedName { CommonName("localhost") }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey,
            notValidBefore: until - 86400 * 300,
            notValidAfter: until, issuer: name, subject: name, signatureAlgorithm: algorithm,
            extensions: try Certificate.Extensions { SubjectAlternativeNames([.dnsName("localhost")]) },
            issuerPrivateKey: key)
        let files = CertificateFiles(certificate: "\(folder)/cert.pem", key: "\(folder)/key.pem")
        try certificate.serializeAsPEM().pemString.write(toFile: files.certificate, atomically: true, encoding: .utf8)
        try keyPEM.write(toFile: files.key, atomically: true, encoding: .utf8)
        return files
    }

    /// Puts a self-made certificate in place as an administrator's tool would: under fixed names.
    static func copyOfServer(in folder: String, from name: String) throws -> CertificateFiles {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        let made = try CertificateAuthority(directory: "\(folder)/\(name)", names: ["\(name).test"]).serverFiles
        let files = CertificateFiles(certificate: "\(folder)/cert.pem", key: "\(folder)/key.pem")
        for (from, to) in [(made.certificate, files.certificate), (made.key, files.key)] {
            try Data(contentsOf: URL(filePath: from)).write(to: URL(filePath: to), options: .atomic)
        }
        return files
    }
}
