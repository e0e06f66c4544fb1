import Foundation
import MailStore
import NIOCore
import NIOPosix

/// The command line's end: asks the running server, or opens the data folder itself when none runs.
package enum AdministrationClient {
    /// Sends `requests` one after the other and hands each reply to `receive`. Throws the first failure.
    package static func perform(
        _ requests: some Sequence<AdministrationRequest> & Sendable, directory: String,
        configuration: ServerConfiguration,
        receive: @escaping @Sendable (AdministrationReply) async -> Void
    ) async throws {
        if try await askServer(requests, directory: directory, receive: receive) { return }
        try Privileges.workAsOwner(of: directory, configuration)
        let node = try await MailNode.open(directory: directory, configuration: configuration, role: .administration)
        do {
            for request in requests {
                let last = LastReply()
                await node.administration().perform(request, actor: .commandLine) { reply in
                    await receive(reply)
                    if case .failed(let failure) = reply { last.failure = failure }
                }
                if let failure = last.failure { throw failure }
            }
        } catch {
            await node.close()
            throw error
        }
        await node.close()
    }

    /// False if no server runs on the folder.
    private static func askServer(
        _ requests: some Sequence<AdministrationRequest> & Sendable, directory: String,
        receive: @escaping @Sendable (AdministrationReply) async -> Void
    ) async throws -> Bool {
        let path = directory + "/" + AdministrationSession.socketName
        guard FileManager.default.fileExists(atPath: path) else { return false }
        let client: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
                }
        } catch let error as IOError where error.errnoCode == EACCES {
            throw AdministrationFailure(
                error: "notPermitted", message: "the server's socket \(path) may not be opened by this user",
                remedy: "run the command as the server's user or as root")
        } catch {
            // A socket file without a listener: its server was killed.
            return false
        }
        try await client.executeThenClose { inbound, outbound in
            var incoming = inbound.makeAsyncIterator()
            var buffer = ByteBuffer()
            for request in requests {
                try await outbound.write(ByteBuffer(string: AdministrationView.json(request) + "\n"))
                var isAnswered = false
                while !isAnswered {
                    guard let end = buffer.readableBytesView.firstIndex(of: 0x0A) else {
                        guard var piece = try await incoming.next() else {
                            throw AdministrationFailure(
                                error: "unavailable",
                                message: "the server closed the connection before it had answered",
                                remedy: "look at the server's log and try again", isTransient: true)
                        }
                        buffer.discardReadBytes()
                        buffer.writeBuffer(&piece)
                        continue
                    }
                    let line = buffer.readBytes(length: end - buffer.readerIndex + 1) ?? []
                    let reply = try JSONDecoder().decode(AdministrationReply.self, from: Data(line))
                    await receive(reply)
                    switch reply {
                    case .done: isAnswered = true
                    case .failed(let failure): throw failure
                    case .object, .progress: break
                    }
                }
            }
        }
        return true
    }

    /// `@unchecked Sendable`: written by the one reply closure while `perform` runs, read after it has returned.
    private final class LastReply: @unchecked Sendable {
        var failure: AdministrationFailure?
    }
}
