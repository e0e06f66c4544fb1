package import MailModel

/// A command with its arguments read (RFC 1939 §9, RFC 2449 §5, RFC 5034 §4, RFC 2595 §4, RFC 6856 §2.1).
package enum POP3Command: Hashable, Sendable {
    case user(String)
    /// The rest of the line, spaces and all (RFC 1939 §7).
    case pass(Secret<String>)
    /// Nil asks for the list of mechanisms, as clients older than CAPA do.
    case auth(mechanism: String?, initialResponse: Secret<[UInt8]>?)
    case stls
    case capa
    case utf8
    case stat
    /// Message numbers count from 1, as on the wire.
    case list(Int?)
    case uidl(Int?)
    case retr(Int)
    case top(Int, lines: Int)
    case dele(Int)
    case rset
    case noop
    case quit
    /// A keyword we know of and do not offer: APOP would need passwords in clear, LANG other languages.
    case unsupported(POP3Keyword)

    package var keyword: POP3Keyword {
        switch self {
        case .user: .user
        case .pass: .pass
        case .auth: .auth
        case .stls: .stls
        case .capa: .capa
        case .utf8: .utf8
        case .stat: .stat
        case .list: .list
        case .uidl: .uidl
        case .retr: .retr
        case .top: .top
        case .dele: .dele
        case .rset: .rset
        case .noop: .noop
        case .quit: .quit
        case .unsupported(let keyword): keyword
        }
    }
}

/// Why a line is no command; the client is told `text`.
package enum POP3SyntaxError: Error, Hashable, Sendable {
    case unknownCommand
    case missingArgument
    case unexpectedArgument
    case badNumber
    /// Control characters, or bytes that are no UTF-8 (RFC 6856 §2.2).
    case badText
    case badBase64
    case lineTooLong

    package var text: StaticString {
        switch self {
        case .unknownCommand: "Unknown command."
        case .missingArgument: "An argument is missing."
        case .unexpectedArgument: "Too many arguments."
        case .badNumber: "A number was expected."
        case .badText: "The line contains bytes that are not allowed."
        case .badBase64: "This is not valid base64."
        case .lineTooLong: "The line is too long."
        }
    }
}
