import Bytes
import MailModel

extension Cursor {
    /// APPEND's arguments up to its first message literal, `marker`, at which the bytes end (RFC 9051 §6.3.12). Nil if the
    /// literal is the mailbox name.
    mutating func appendHead(
        _ marker: LiteralMarker, size: UInt64
    ) throws(SyntaxError) -> (MailboxName, AppendMessage)? {
        try space()
        var ahead = self
        if ahead.takeMarker(marker), ahead.isAtEnd { return nil }
        let mailbox = try mailbox()
        return (mailbox, try appendMessage(marker, size: size))
    }

    /// ` (flags) "date" {n}`, flags and date optional, the literal's marker being the end of the bytes.
    mutating func appendMessage(_ marker: LiteralMarker, size: UInt64) throws(SyntaxError) -> AppendMessage {
        try space()
        var message = AppendMessage(size: size, isBinary: marker.isBinary, isSynchronizing: marker.isSynchronizing)
        if next == ASCII.leftParenthesis {
            message.flags = try flagList()
            try space()
        }
        if next == ASCII.doubleQuote {
            message.date = try dateTime()
            try space()
        }
        guard takeMarker(marker), isAtEnd else { throw .invalidArgument }
        return message
    }

    /// Steps over `{n}` in one of its forms.
    private mutating func takeMarker(_ marker: LiteralMarker) -> Bool {
        if marker.isBinary, !take(ASCII.tilde) { return false }
        guard take(ASCII.leftBrace) else { return false }
        guard !run(\.isASCIIDigit).isEmpty else { return false }
        _ = take(ASCII.plus)
        return take(ASCII.rightBrace)
    }
}
