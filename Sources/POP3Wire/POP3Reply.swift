import Bytes
package import NIOCore

/// What a machine may read in a reply, before the text for people (RFC 2449 §8, RFC 3206, RFC 6856 §5).
package enum POP3ResponseCode: String, Hashable, Sendable {
    case inUse = "IN-USE"
    case loginDelay = "LOGIN-DELAY"
    case temporary = "SYS/TEMP"
    case permanent = "SYS/PERM"
    case authentication = "AUTH"
    case utf8 = "UTF8"
}

/// The first line of an answer.
package struct POP3Reply: Hashable, Sendable {
    package let isPositive: Bool
    package let code: POP3ResponseCode?
    package let text: String

    package static func ok(_ text: String) -> POP3Reply {
        POP3Reply(isPositive: true, code: nil, text: text)
    }

    package static func error(_ text: String, code: POP3ResponseCode? = nil) -> POP3Reply {
        POP3Reply(isPositive: false, code: code, text: text)
    }

    static func error(_ failure: POP3SyntaxError) -> POP3Reply { .error("\(failure.text)") }

    /// Appends the line. Text that would break it, or pass 512 octets (RFC 2449 §4), is cut.
    package func write(into output: inout ByteBuffer) {
        output.writeStaticString(isPositive ? "+OK" : "-ERR")
        if let code {
            output.writeStaticString(" [")
            output.writeString(code.rawValue)
            output.writeStaticString("]")
        }
        if !text.isEmpty { output.writeInteger(ASCII.space) }
        output.writeBytes(text.utf8.prefix(470).map { $0 < ASCII.space || $0 == 0x7F ? ASCII.space : $0 })
        output.writeStaticString("\r\n")
    }
}

extension POP3Reply {
    /// Appends `+ ` and the challenge in base64 (RFC 5034 §4).
    package static func writeChallenge(_ challenge: [UInt8], into output: inout ByteBuffer) {
        output.writeStaticString("+ ")
        output.writeBytes(Base64.encode(challenge))
        output.writeStaticString("\r\n")
    }
}
