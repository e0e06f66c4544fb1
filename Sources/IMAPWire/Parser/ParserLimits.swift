/// How much of a client's bytes the parser takes at once. Message bytes of APPEND are streamed and not counted.
package struct ParserLimits: Sendable {
    /// Longest line between literals, in bytes.
    package var line = 65_536
    /// Largest literal that is not a message.
    package var literal = 65_536
    /// Longest command, lines and literals together.
    package var command = 262_144
    /// Largest literal of a refused command that is stepped over; beyond it the connection is given up.
    package var skippedLiteral: UInt64 = 128 << 20
    /// Deepest nesting of search keys, and most numbers of a MIME part.
    package var depth = 50
    /// Most search keys in a command.
    package var searchKeys = 1000
    /// Most items of any list.
    package var listItems = 1000
    /// Most patterns of a LIST: each is held against every mailbox.
    package var patterns = 100
    /// Most ranges of a sequence set.
    package var ranges = 10_000
    /// Longest mailbox name, encoded.
    package var mailboxName = 4096

    package init() {}

    /// Before the client has proved who it is: enough for LOGIN, AUTHENTICATE and ID.
    package static var unauthenticated: ParserLimits {
        var limits = ParserLimits()
        limits.line = 16_384
        limits.literal = 4096
        limits.command = 16_384
        limits.skippedLiteral = 65_536
        return limits
    }
}
