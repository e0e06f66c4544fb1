import Bytes
import Foundation
import Logging
import MailStore
import NIOCore
import SessionIO

/// Serves the local socket in the data folder: a request is a line of JSON, its answer some lines of JSON.
///
/// Who may write to the socket is who may open the data folder, so there is no login; see `AdministrationPeer`.
struct AdministrationSession {
    static let socketName = "admin.sock"
    /// A request is one line of at most this many bytes.
    static let lineLimit = 4 << 20

    let service: AdministrationService

    func run(_ connection: Connection) async {
        guard await AdministrationPeer.mayAdminister(connection) else {
            connection.logger.warning("administration refused to another user")
            let failure = AdministrationFailure(
                error: "notPermitted", message: "only the server's user and root may administer it",
                remedy: "run the command as one of them")
            _ = await Self.write(.failed(failure), to: connection)
            return
        }
        while true {
            while let end = connection.input.distance(to: ASCII.lf) {
                guard let line = connection.input.readSlice(length: end + 1) else { return }
                guard await answer(line, on: connection) else { return }
            }
            guard connection.input.readableBytes < Self.lineLimit else { return }
            // No time limit: only the owner of the data folder gets here.
            guard await connection.fill(within: .hours(24)) == .data else { return }
        }
    }

    private func answer(_ line: ByteBuffer, on connection: Connection) async -> Bool {
        let replies = AdministrationReplies()
        guard let request = try? JSONDecoder().decode(AdministrationRequest.self, from: Data(line.readableBytesView))
        else {
            let failure = AdministrationFailure(
                error: "unknownRequest", message: "the server does not know this request",
                remedy: "use the martlet program of the server's own version")
            return await Self.write(.failed(failure), to: connection)
        }
        let work = Task {
            await service.perform(request, actor: .commandLine) { await replies.add($0) }
            replies.finish()
        }
        for await reply in replies.stream {
            guard await Self.write(reply, to: connection) else {
                work.cancel()
                return false
            }
        }
        return true
    }

    private static func write(_ reply: AdministrationReply, to connection: Connection) async -> Bool {
        connection.output.writeString(AdministrationView.json(reply))
        connection.output.writeString("\n")
        return connection.output.readableBytes < 64 * 1024
            ? await flushIfLast(reply, connection) : await connection.flush()
    }

    /// Objects gather; progress and the last line leave at once.
    private static func flushIfLast(_ reply: AdministrationReply, _ connection: Connection) async -> Bool {
        if case .object = reply { return true }
        return await connection.flush()
    }
}

/// Replies on their way from the service's task to the connection's event loop.
private struct AdministrationReplies: Sendable {
    let stream: AsyncStream<AdministrationReply>
    private let continuation: AsyncStream<AdministrationReply>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func add(_ reply: AdministrationReply) async { continuation.yield(reply) }

    func finish() { continuation.finish() }
}
