import Crypto
import Foundation
import HTTPEndpoint
import Logging
import MailServer
import NIOCore
import NIOPosix
import NIOSSL
import SessionIO
import Testing

/// Handshakes with the certificate, over HTTPS for want of a simpler server.
@Suite struct HandshakeTests {
    @Test func aClientThatTrustsTheAuthorityIsServedAndSeesReloads() async throws {
        try await Self.serve { listener, keeper, folder in
            let first = try await Self.handshake(listener, folder: folder)
            #expect(first.version == .tlsv13)
            #expect(SHA256.hash(data: first.certificate).elementsEqual(keeper.identities.current.serverEndPoint))
            _ = try CertificateAuthority(directory: folder, names: ["other.test"])
            try keeper.reload()
            let second = try await Self.handshake(listener, host: "other.test", folder: folder)
            #expect(second.certificate != first.certificate)
            #expect(SHA256.hash(data: second.certificate).elementsEqual(keeper.identities.current.serverEndPoint))
        }
    }

    @Test func onlyModernVersionsAndCiphersAreSpoken() async throws {
        try await Self.serve { listener, _, folder in
            let version = try await Self.handshake(listener, folder: folder) { $0.maximumTLSVersion = .tlsv12 }.version
            #expect(version == .tlsv12)
            await #expect(throws: (any Error).self) {
                try await Self.handshake(listener, folder: folder) { $0.maximumTLSVersion = .tlsv11 }
            }
            await #expect(throws: (any Error).self) {
                try await Self.handshake(listener, folder: folder) {
                    $0.maximumTLSVersion = .tlsv12
                    $0.cipherSuiteValues = [.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA]
                }
            }
        }
    }

    @Test func theMinimumCanBeRaised() async throws {
        try await Self.serve(minimumVersion: .tls13) { listener, _, folder in
            let version = try await Self.handshake(listener, folder: folder).version
            #expect(version == .tlsv13)
            await #expect(throws: (any Error).self) {
                try await Self.handshake(listener, folder: folder) { $0.maximumTLSVersion = .tlsv12 }
            }
        }
    }

    @Test func theServersOrderOfSuitesCounts() async throws {
        try await Self.serve { address, _, _ in
            for order in [
                "AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384", "AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256",
            ] {
                let client = Process()
                client.executableURL = URL(filePath: "/usr/bin/openssl")
                client.arguments = [
                    "s_client", "-connect", "127.0.0.1:\(address.port ?? 0)", "-tls1_2", "-cipher",
                    "ECDHE-ECDSA-" + order,
                ]
                let output = Pipe()
                client.standardOutput = output
                client.standardError = FileHandle.nullDevice
                client.standardInput = FileHandle.nullDevice
                try client.run()
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                #expect(text.contains("Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"), "\(order): \(text)")
            }
        }
    }

    private static func serve(
        minimumVersion: ServerConfiguration.TLS.Version = .tls12,
        _ body: (SocketAddress, CertificateKeeper, String) async throws -> Void
    ) async throws {
        try await Folder.use { folder in
            let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let authority = try CertificateAuthority(directory: folder, names: ["mail.example.test"])
            var settings = ServerConfiguration().tls
            settings.minimumVersion = minimumVersion
            let keeper = try CertificateKeeper(.authority(authority), settings: settings, logger: silent)
            let listener = HTTPListener(
                .init(host: "127.0.0.1", port: 0), identity: { keeper.identities.current.context },
                contributors: [StatusRoutes(name: "x", metrics: nil) { .ready }],
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: silent)
            let address = try await listener.start()
            do {
                try await body(address, keeper, folder)
            } catch {
                await listener.stop()
                throw error
            }
            await listener.stop()
        }
    }

    /// The version agreed upon and the certificate shown (DER), after a request was answered.
    private static func handshake(
        _ address: SocketAddress, host: String = "localhost", folder: String,
        _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) async throws -> (version: TLSVersion?, certificate: [UInt8]) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file("\(folder)/tls/ca.pem")
        change(&configuration)
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: host))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            // Without “Connection: close”, so that the connection is there to be asked about.
            try await outbound.write(ByteBuffer(string: "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))
            for try await part in inbound {
                #expect(String(buffer: part).hasPrefix("HTTP/1.1 200"))
                let version = try await channel.channel.nioSSL_tlsVersion().get()
                let certificate = try await channel.channel.nioSSL_peerCertificate().get()
                return (version, try certificate?.toDERBytes() ?? [])
            }
            throw ChannelError.eof
        }
    }
}
