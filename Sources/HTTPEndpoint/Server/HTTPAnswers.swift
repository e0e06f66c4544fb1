import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// What is done with each request, and what every answer bears.
struct HTTPAnswers<Responder: HTTPResponder>: Sendable where Responder.Context == HTTPRequestContext {
    let responder: Responder
    let serverName: String
    let isTLS: Bool
    let logger: Logger

    func answer(
        _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
    ) async throws {
        let context = HTTPRequestContext(source: ApplicationRequestContextSource(channel: channel, logger: logger))
        var response: Response
        do {
            response = try await responder.respond(to: request, context: context)
        } catch let error as HTTPParserError {
            // Whoever called answers 400.
            throw error
        } catch {
            logger.debug("request failed", metadata: ["cause": "\(error)"])
            response = Response(status: .internalServerError)
        }
        response.headers[.date] = HTTPDate.now
        response.headers[.server] = serverName
        // RFC 6797 §7.2: over TLS only. A browser would take it for every port of the host, and what else is tried out
        // on one's own machine speaks plain HTTP.
        if isTLS, !Self.isOwnMachine(request.head.authority) {
            response.headers[.strictTransportSecurity] = "max-age=31536000"
        }
        do {
            try await writer.write(response: response.head, body: response.body)
        } catch {
            // Never a parser's error: that would be answered, and the answer has begun.
            throw AnswerCutShort(cause: error)
        }
    }

    private static func isOwnMachine(_ authority: String?) -> Bool {
        guard let authority else { return true }
        return authority == "localhost" || authority.hasPrefix("localhost:")
    }
}

private struct AnswerCutShort: Error {
    let cause: any Error
}
