/// Why a command line is refused; `reply` is what the client is told.
package enum CommandError: Error, Hashable, Sendable {
    case line(LineDefect)
    case unknownCommand
    /// Another protocol's request; the connection is closed.
    case foreignProtocol
    /// The arguments do not fit the command.
    case syntax
    /// A command that takes no argument has one.
    case unexpectedArgument
    case badSender
    case badRecipient
    case localPartTooLong
    /// A parameter of MAIL or RCPT that no advertised extension defines.
    case unknownParameter(String)
    /// A known parameter with a bad value, or twice.
    case badParameter(String)
    /// A UTF-8 address without SMTPUTF8.
    case internationalisedSender
    case internationalisedRecipient
    /// BDAT whose size cannot be read: where the next command begins is unknown.
    case badChunkSize
    /// Text that is not base64 where AUTH needs it.
    case badBase64
    case authenticationLineTooLong

    package var reply: Reply {
        switch self {
        case .line(.tooLong):
            Reply(.syntaxError, .syntaxError, "Line too long")
        case .line(.endless):
            Reply(.syntaxError, .syntaxError, "Line without end; closing")
        case .line(.bareLineEnd):
            Reply(.syntaxError, .syntaxError, "Lines must end in CRLF; bare CR or LF found")
        case .unknownCommand:
            Reply(.syntaxError, .syntaxError, "Command not recognised")
        case .foreignProtocol:
            Reply(.shuttingDown, .securityPolicy(.transient), "This is a mail server")
        case .syntax:
            Reply(.argumentError, .invalidArguments, "Syntax error in arguments")
        case .unexpectedArgument:
            Reply(.argumentError, .invalidArguments, "This command takes no argument")
        case .badSender:
            // RFC 3463 §3.2, X.1.7: bad sender's mailbox address syntax.
            Reply(.argumentError, .badSenderSyntax, "Bad sender address syntax")
        case .badRecipient:
            // RFC 3463 §3.2, X.1.3: bad destination mailbox address syntax.
            Reply(.argumentError, .badRecipientSyntax, "Bad recipient address syntax")
        case .localPartTooLong:
            Reply(.argumentError, .badRecipientSyntax, "Local part of the address is too long")
        case .unknownParameter(let keyword):
            // RFC 5321 §4.1.1.11.
            Reply(.parametersNotRecognised, .invalidArguments, "Unknown parameter \(keyword)")
        case .badParameter(let keyword):
            Reply(.argumentError, .invalidArguments, "Bad value of parameter \(keyword)")
        case .internationalisedSender:
            // RFC 6531 §3.5: 550 with X.6.7 for an address that must be ASCII in MAIL.
            Reply(.mailboxUnavailable, .nonASCIIAddress, "A UTF-8 sender address needs SMTPUTF8")
        case .internationalisedRecipient:
            // RFC 6531 §3.5: 553 with X.6.7 in RCPT.
            Reply(.mailboxNameNotAllowed, .nonASCIIAddress, "A UTF-8 recipient address needs SMTPUTF8")
        case .badChunkSize:
            Reply(.argumentError, .invalidArguments, "Bad chunk size; closing")
        case .badBase64:
            // RFC 4954 §4: 501 with 5.5.2 for what cannot be decoded.
            Reply(.argumentError, .syntaxError, "Cannot decode base64")
        case .authenticationLineTooLong:
            // RFC 4954 §6.
            Reply(.syntaxError, .authenticationLineTooLong, "Authentication exchange line is too long")
        }
    }

    /// Whether the stream cannot be trusted after this error.
    package var endsSession: Bool {
        switch self {
        case .badChunkSize, .foreignProtocol, .line(.endless): true
        default: false
        }
    }
}
