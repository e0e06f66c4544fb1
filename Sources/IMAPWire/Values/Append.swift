package import MailModel

/// One message of an APPEND (RFC 9051 §6.3.12; several with MULTIAPPEND, RFC 3502), before its bytes.
package struct AppendMessage: Hashable, Sendable {
    package var flags: MessageFlags
    /// Nil: the time of arrival.
    package var date: DateTime?
    /// Bytes to come; 0 cancels the whole APPEND (RFC 3502 §6.3.11).
    package var size: UInt64
    /// `~{…}`: may contain NUL (RFC 3516 §4.4).
    package var isBinary: Bool
    /// The client waits for `+` before it sends the bytes.
    package var isSynchronizing: Bool

    package init(
        flags: MessageFlags = MessageFlags(), date: DateTime? = nil, size: UInt64, isBinary: Bool = false,
        isSynchronizing: Bool = true
    ) {
        self.flags = flags
        self.date = date
        self.size = size
        self.isBinary = isBinary
        self.isSynchronizing = isSynchronizing
    }
}
