import Bytes
import IMAPWire
import NIOCore
import SessionIO

extension IMAPSession {
    /// IDLE (RFC 2177): news is told as the store wakes the connection, until the client says DONE.
    func idle() async -> Completion {
        connection.output.writeIMAPContinuation("idling")
        parser.expectLine()
        while !isOver {
            await tellNews(mayExpunge: true)
            if isOver { break }
            switch parser.next(&connection.input) {
            case .line(let line):
                return line.equalsIgnoringASCIICase("DONE") ? .ok("IDLE completed") : .bad("DONE was expected")
            case .failure(let failure):
                fail(nil, failure.reason.text, isFatal: true)
            default:
                await wait()
            }
        }
        return .ok("IDLE ended")
    }
}
