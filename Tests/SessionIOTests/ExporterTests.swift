import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import SessionIO
import Testing

/// The tls-exporter binding against an implementation of its own: what `openssl s_client` exports at the other end.
@Suite struct ExporterTests {
    private static let openssl = "/usr/bin/openssl"
    private static let isAvailable = FileManager.default.isExecutableFile(atPath: openssl)

    /// Runs openssl and returns what it printed.
    private static func run(_ arguments: [String], input: String = "") async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread {
                let process = Process()
                process.executableURL = URL(filePath: openssl)
                process.arguments = arguments
                let (output, stdin) = (Pipe(), Pipe())
                process.standardOutput = output
                process.standardError = Pipe()
                process.standardInput = stdin
                do {
                    try process.run()
                } catch {
                    return continuation.resume(throwing: error)
                }
                stdin.fileHandleForWriting.write(Data(input.utf8))
                let text = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: String(decoding: text, as: UTF8.self))
            }.start()
        }
    }

    @Test(
        .enabled(if: isAvailable, "openssl is not installed"),
        arguments: [
            ("TLS_AES_128_GCM_SHA256", false), ("TLS_AES_256_GCM_SHA384", false), ("TLS_AES_256_GCM_SHA384", true),
        ])
    func bothEndsExportTheSame(suite: String, isUpgraded: Bool) async throws {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "exporter-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
        _ = try await Self.run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
            "-keyout", key, "-out", certificate,
        ])
        let secrets = ExporterSecrets()
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.keyLogCallback = { secrets.record($0) }
        let identity = TLSIdentity(
            context: try NIOSSLContext(configuration: configuration), serverEndPoint: [1], exporterSecrets: secrets)

        let server = SessionServer(
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let service = SessionServer.Service(
            name: "exporter", implicitTLS: isUpgraded ? nil : TLSIdentitySource(identity), refusal: "",
            session: { connection in
                if isUpgraded {
                    connection.output.writeString("220 ready\r\n")
                    var commands = 0
                    // EHLO and STARTTLS, as openssl speaks SMTP.
                    while commands < 2, await connection.fill(within: .minutes(5)) == .data {
                        while let end = connection.input.readableBytesView.firstIndex(of: 0x0A) {
                            connection.input.moveReaderIndex(to: end + 1)
                            commands += 1
                            connection.output.writeString(commands == 1 ? "250-hi\r\n250 STARTTLS\r\n" : "220 go\r\n")
                        }
                    }
                    guard await connection.startTLS(identity, within: .minutes(5)) else { return }
                }
                let exported = connection.tls?.exporter ?? []
                connection.output.writeString("ours:" + exported.map { String(format: "%02X", $0) }.joined() + "\r\n")
            })
        let port = try #require(try await server.listen(host: "127.0.0.1", port: 0, service).port)
        var arguments = [
            "s_client", "-connect", "127.0.0.1:\(port)", "-tls1_3", "-ciphersuites", suite,
            "-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32", "-ign_eof",
        ]
        if isUpgraded { arguments += ["-starttls", "smtp"] }
        let output = try await Self.run(arguments)
        await server.shutDown(grace: .seconds(60))
        let theirs = try #require(output.firstMatch(of: /Keying material: ([0-9A-F]{64})/)?.1)
        let ours = try #require(output.firstMatch(of: /ours:([0-9A-F]*)/)?.1)
        #expect(ours == theirs)
    }

    @Test func onlyWholeExporterLinesCount() {
        let secrets = ExporterSecrets()
        for line in [
            "", "EXPORTER_SECRET", "EXPORTER_SECRET 00 11", "EXPORTER_SECRET zz 11 22", "CLIENT_RANDOM 00 11\n",
        ] {
            secrets.record(ByteBuffer(string: line))
        }
        #expect(TLSExporter.channelBinding(exporterSecret: [1, 2, 3]) == nil)
        #expect(TLSExporter.channelBinding(exporterSecret: [UInt8](repeating: 7, count: 48))?.count == 32)
    }
}
