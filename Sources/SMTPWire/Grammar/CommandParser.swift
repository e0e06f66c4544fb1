import Bytes
package import NIOCore

/// Reads one command line (RFC 5321 §4.1) into a value.
package enum CommandParser {
    /// Octets of a command line with its CRLF: 512 (RFC 5321 §4.5.3.1.4), 10 for SMTPUTF8, 26 for SIZE, 500 each for AUTH
    /// and ORCPT, and the rest.
    package static let maximumLineLength = 2_048
    /// Octets of an AUTH line or response (RFC 4954 §4).
    package static let maximumAuthenticationLineLength = 12_288

    /// Parses `line`, which has no CRLF. `allowsUTF8`: whether the transaction was begun with SMTPUTF8, so that RCPT may
    /// hold UTF-8.
    package static func parse(_ line: ByteBuffer, allowsUTF8: Bool = false) throws(CommandError) -> Command {
        var cursor = LineCursor(line.withoutTrailingBlanks)
        let verb = try verb(&cursor)
        switch verb {
        case .hello: return .hello(try name(&cursor))
        case .extendedHello: return .extendedHello(try name(&cursor))
        case .localHello: throw .unknownCommand
        case .mail: return try mail(&cursor)
        case .recipient: return try recipient(&cursor, allowsUTF8: allowsUTF8)
        case .data: return try bare(.data, &cursor)
        case .chunk: return try chunk(&cursor)
        case .reset: return try bare(.reset, &cursor)
        // RFC 5321 §4.1.1.9: a parameter of NOOP is ignored.
        case .noop: return .noop
        case .quit: return try bare(.quit, &cursor)
        case .verify: return .verify(try text(&cursor))
        case .expand: return .expand(try text(&cursor))
        case .help:
            cursor.skipBlanks()
            return .help(cursor.rest.validText ?? "")
        case .startTLS: return try bare(.startTLS, &cursor)
        case .authenticate: return try authenticate(&cursor)
        }
    }

    /// Reads a response to an AUTH challenge: nil if the client cancels with `*` (RFC 4954 §4).
    package static func authenticationResponse(_ line: ByteBuffer) throws(CommandError) -> [UInt8]? {
        if line.equalsIgnoringASCIICase("*") { return nil }
        guard let bytes = Base64.decode(line.readableBytesView) else { throw .badBase64 }
        return bytes
    }

    private static func verb(_ cursor: inout LineCursor) throws(CommandError) -> Verb {
        let word = cursor.takeUntilBlank()
        guard word.readableBytes <= Verb.maximumLength, let text = word.validText?.uppercased() else {
            throw .unknownCommand
        }
        guard let verb = Verb(rawValue: text) else {
            throw Verb.foreignWords.contains(text) ? .foreignProtocol : .unknownCommand
        }
        return verb
    }

    private static func bare(_ command: Command, _ cursor: inout LineCursor) throws(CommandError) -> Command {
        guard cursor.isAtEnd else { throw .unexpectedArgument }
        return command
    }

    /// The argument of HELO and EHLO: one printable word. What it claims is not judged (RFC 5321 §4.1.4).
    private static func name(_ cursor: inout LineCursor) throws(CommandError) -> String {
        cursor.skipBlanks()
        let word = cursor.take { $0 > 0x20 && $0 != 0x7F }
        guard cursor.isAtEnd, (1...255).contains(word.readableBytes), let text = word.validText else { throw .syntax }
        return text
    }

    private static func text(_ cursor: inout LineCursor) throws(CommandError) -> String {
        cursor.skipBlanks()
        guard !cursor.isAtEnd, let text = cursor.rest.validText else { throw .syntax }
        return text
    }

    private static func mail(_ cursor: inout LineCursor) throws(CommandError) -> Command {
        cursor.skipBlanks()
        guard cursor.takeWord("FROM:") else { throw .syntax }
        // Not in RFC 5321 §4.1.1.2, but many clients write a space here.
        cursor.skipBlanks()
        let start = cursor.rest
        let path: ReversePath
        do throws(PathDefect) {
            switch try PathParser.path(&cursor) {
            case .empty: path = .null
            case .mailbox(let address): path = .mailbox(address)
            case .postmaster: throw .syntax
            }
        } catch {
            throw error == .localPartTooLong ? .localPartTooLong : .badSender
        }
        let parameters = try MailParameters(&cursor)
        guard parameters.isInternationalised || start.isASCII else { throw .internationalisedSender }
        return .mail(path, parameters)
    }

    private static func recipient(_ cursor: inout LineCursor, allowsUTF8: Bool) throws(CommandError) -> Command {
        cursor.skipBlanks()
        guard cursor.takeWord("TO:") else { throw .syntax }
        cursor.skipBlanks()
        let start = cursor.rest
        let path: ForwardPath
        do throws(PathDefect) {
            switch try PathParser.path(&cursor) {
            case .postmaster: path = .postmaster
            case .mailbox(let address): path = .mailbox(address)
            case .empty: throw .syntax
            }
        } catch {
            throw error == .localPartTooLong ? .localPartTooLong : .badRecipient
        }
        let parameters = try RecipientParameters(&cursor)
        guard allowsUTF8 || start.isASCII else { throw .internationalisedRecipient }
        return .recipient(path, parameters)
    }

    /// `BDAT SP size [SP LAST]` (RFC 3030 §2).
    private static func chunk(_ cursor: inout LineCursor) throws(CommandError) -> Command {
        cursor.skipBlanks()
        let digits = cursor.take { $0.isASCIIDigit }
        guard digits.readableBytes <= 20, let size = DecimalNumber.parse(digits) else { throw .badChunkSize }
        if cursor.isAtEnd { return .chunk(size: size, isLast: false) }
        guard let blank = cursor.next, blank.isASCIIBlank else { throw .badChunkSize }
        cursor.skipBlanks()
        guard cursor.rest.equalsIgnoringASCIICase("LAST") else { throw .badChunkSize }
        return .chunk(size: size, isLast: true)
    }

    /// `AUTH SP mechanism [SP initial-response]` (RFC 4954 §4).
    private static func authenticate(_ cursor: inout LineCursor) throws(CommandError) -> Command {
        cursor.skipBlanks()
        // RFC 4422 §3.1: a mechanism name has 1 to 20 letters, digits, hyphens and underscores.
        let word = cursor.take { $0.isASCIIAlphanumeric || $0 == ASCII.hyphen || $0 == ASCII.underscore }
        guard (1...20).contains(word.readableBytes), let mechanism = word.validText?.uppercased() else { throw .syntax }
        if cursor.isAtEnd { return .authenticate(AuthenticateCommand(mechanism: mechanism, initialResponse: nil)) }
        guard let blank = cursor.next, blank.isASCIIBlank else { throw .syntax }
        cursor.skipBlanks()
        let response = cursor.rest
        if response.equalsIgnoringASCIICase("=") {
            return .authenticate(AuthenticateCommand(mechanism: mechanism, initialResponse: []))
        }
        guard let bytes = Base64.decode(response.readableBytesView) else { throw .badBase64 }
        return .authenticate(AuthenticateCommand(mechanism: mechanism, initialResponse: bytes))
    }
}

extension ByteBuffer {
    fileprivate var isASCII: Bool { readableBytesView.allSatisfy { $0 < 0x80 } }
}
