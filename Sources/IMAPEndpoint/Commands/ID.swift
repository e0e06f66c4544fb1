import IMAPWire
import Logging
import NIOCore
import SessionIO

extension IMAPSession {
    /// ID (RFC 2971 §3.1). What the client says is for the log only.
    func id(_ fields: [IDField]) -> Completion {
        if !fields.isEmpty {
            let text = fields.map { "\($0.name)=\($0.value ?? "")" }.joined(separator: " ")
            connection.logger.debug("client", metadata: ["id": .string(String(text.prefix(500)))])
        }
        connection.output.writeIMAPID([IDField(name: "name", value: "Martlet")])
        return .ok("ID completed")
    }
}
