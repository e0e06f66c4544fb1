package import NIOCore

/// How long messages are kept, as CAPA tells it (RFC 2449 §6.7).
package enum POP3Expiry: Hashable, Sendable {
    case never
    /// 0 means: what was retrieved is deleted at QUIT.
    case days(Int)

    var text: String {
        switch self {
        case .never: "NEVER"
        case .days(let days): String(days)
        }
    }
}

/// What CAPA answers (RFC 2449 §5); it changes with TLS and login.
package struct POP3Capabilities: Hashable, Sendable {
    /// Whether STLS would be accepted now.
    package var offersTLS = false
    /// Whether USER and PASS would be accepted on this channel.
    package var offersUser = false
    /// Names of SASL mechanisms, in the server's order of preference.
    package var mechanisms: [String] = []
    /// Before login: the smallest that any account may have.
    package var expiry = POP3Expiry.never
    /// Whether accounts differ in `expiry` and it is not yet known whose this is.
    package var expiryDependsOnUser = false
    /// Seconds between logins; nil if there is no such limit.
    package var loginDelay: Int?

    package init() {}

    /// Appends the whole answer.
    package func write(into output: inout ByteBuffer) {
        output.writeStaticString("+OK Capability list follows\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n")
        output.writeStaticString("PIPELINING\r\nUTF8 USER\r\n")
        if offersTLS { output.writeStaticString("STLS\r\n") }
        if offersUser { output.writeStaticString("USER\r\n") }
        if !mechanisms.isEmpty { output.writeString("SASL \(mechanisms.joined(separator: " "))\r\n") }
        output.writeString("EXPIRE \(expiry.text)\(expiryDependsOnUser ? " USER" : "")\r\n")
        if let loginDelay { output.writeString("LOGIN-DELAY \(loginDelay)\r\n") }
        output.writeStaticString("IMPLEMENTATION Martlet\r\n.\r\n")
    }

    /// Appends the answer to AUTH without arguments: one mechanism a line.
    package func writeMechanisms(into output: inout ByteBuffer) {
        output.writeStaticString("+OK Mechanisms follow\r\n")
        for mechanism in mechanisms { output.writeString("\(mechanism)\r\n") }
        output.writeStaticString(".\r\n")
    }
}
