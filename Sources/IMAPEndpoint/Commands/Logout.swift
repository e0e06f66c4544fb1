import IMAPWire
import NIOCore
import SessionIO

extension IMAPSession {
    /// LOGOUT (RFC 9051 §6.1.3): BYE comes before the tagged reply.
    func logout() -> Completion {
        connection.output.writeIMAPUntagged(.bye, "Logging out")
        selected = nil
        endAfterReply(.close)
        return .ok("LOGOUT completed")
    }
}
