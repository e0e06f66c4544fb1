package import NIOCore

/// What the parser found next on the wire.
package enum CommandEvent: Sendable, Equatable {
    /// A whole command other than APPEND.
    case command(tag: String, Command)
    /// The client waits before it sends a literal that is part of a command: answer `+ `, or `refuseLiteral()` and the
    /// tagged reply, as for a LOGIN whose password must not be sent.
    case literalExpected(tag: String, CommandKind)
    /// APPEND begins. `message` is its first; when `message.isSynchronizing`, answer `+ ` to have the bytes or
    /// `refuseAppend()` and a tagged NO.
    case appendBegan(tag: String, MailboxName, AppendMessage)
    /// Bytes of the current message, a slice of the read buffer.
    case appendBytes(ByteBuffer)
    /// The current message is whole and another one follows (RFC 3502).
    case appendNext(AppendMessage)
    /// The APPEND command is whole.
    case appendEnded
    /// After `expectLine()`: a line without its CRLF (a SASL response, DONE).
    case line(ByteBuffer)
    /// A command that is none. The buffer stands behind it.
    case failure(SyntaxFailure)
}

/// Why bytes were no command. Answer BAD with `tag`, or untagged without.
package struct SyntaxFailure: Error, Hashable, Sendable {
    package var tag: String?
    package var reason: SyntaxError
    /// There is no telling where the next command starts: answer, say BYE and close.
    package var isFatal: Bool

    package init(tag: String?, reason: SyntaxError, isFatal: Bool = false) {
        self.tag = tag
        self.reason = reason
        self.isFatal = isFatal
    }
}

/// What is wrong with a command, with the text for the client.
package enum SyntaxError: String, Error, Hashable, Sendable {
    case missingTag = "Missing or invalid tag"
    case missingCommand = "Missing command"
    case unknownCommand = "Unknown command"
    case unexpectedArgument = "Too many arguments, or a stray character behind the last"
    case missingArgument = "Missing argument"
    case invalidArgument = "Invalid argument"
    case invalidString = "Invalid quoted string or literal"
    case invalidNumber = "Invalid number"
    case invalidDate = "Invalid date"
    case invalidMessageSet = "Invalid sequence set"
    case invalidMailbox = "Invalid mailbox name"
    case invalidFlag = "Invalid flag"
    case invalidSection = "Invalid section"
    case invalidBase64 = "Invalid base64"
    case unknownFetchAttribute = "Unknown FETCH item"
    case unknownSearchKey = "Unknown SEARCH key"
    case unknownStatusItem = "Unknown STATUS item"
    case unknownOption = "Unknown option or modifier"
    case nestedTooDeeply = "Nested too deeply"
    case tooMany = "Too many items"
    case lineTooLong = "Command line too long"
    case literalTooLarge = "Literal too large"

    package var text: String { rawValue }
}
