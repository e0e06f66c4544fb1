import Bytes
package import NIOCore

extension ByteBuffer {
    /// Longest text written as a quoted string; RFC 9051 §4.3 sets no limit, but some clients keep quoted strings in
    /// line buffers.
    private static let longestQuoted = 1024

    /// `string` of RFC 9051 §9: quoted if it can be, else a literal. A NUL, which neither may contain, becomes a space.
    package mutating func writeIMAPString(_ bytes: some Collection<UInt8>) {
        var quotable = bytes.count <= Self.longestQuoted
        var escapes = false
        var hasNUL = false
        for byte in bytes {
            if byte == 0 { hasNUL = true }
            if byte == ASCII.doubleQuote || byte == ASCII.backslash { escapes = true }
            // Quoted strings are for 7-bit text until the client enables UTF-8 (RFC 9051 §4.3, RFC 3501 §4.3).
            if byte == ASCII.cr || byte == ASCII.lf || byte >= 0x80 { quotable = false }
        }
        if hasNUL {
            writeIMAPString(bytes.map { $0 == 0 ? ASCII.space : $0 })
            return
        }
        guard quotable else {
            writeIMAPLiteralHeader(byteCount: bytes.count)
            writeBytes(bytes)
            return
        }
        writeInteger(ASCII.doubleQuote)
        if escapes {
            for byte in bytes {
                if byte == ASCII.doubleQuote || byte == ASCII.backslash { writeInteger(ASCII.backslash) }
                writeInteger(byte)
            }
        } else {
            writeBytes(bytes)
        }
        writeInteger(ASCII.doubleQuote)
    }

    package mutating func writeIMAPString(_ text: String) {
        writeIMAPString(text.utf8)
    }

    /// `nstring`: NIL without a text.
    package mutating func writeIMAPNString(_ text: String?) {
        if let text { writeIMAPString(text.utf8) } else { writeIMAPNil() }
    }

    /// `nstring` of bytes.
    package mutating func writeIMAPNString(_ bytes: (some Collection<UInt8>)?) {
        if let bytes { writeIMAPString(bytes) } else { writeIMAPNil() }
    }

    package mutating func writeIMAPNil() {
        writeStaticString("NIL")
    }

    /// `{n}` CRLF; the caller writes exactly `byteCount` bytes behind it, none of them NUL.
    package mutating func writeIMAPLiteralHeader(byteCount: Int) {
        writeInteger(ASCII.leftBrace)
        writeDecimal(byteCount)
        writeStaticString("}\r\n")
    }

    /// `~{n}` CRLF, the literal8 of RFC 3516 §4.2: its bytes may contain NUL.
    package mutating func writeIMAPLiteral8Header(byteCount: Int) {
        writeInteger(ASCII.tilde)
        writeIMAPLiteralHeader(byteCount: byteCount)
    }

    /// `astring`: bare where it can be, else as `writeIMAPString`.
    package mutating func writeIMAPAString(_ bytes: some Collection<UInt8>) {
        if !bytes.isEmpty, bytes.count <= 256, bytes.allSatisfy(\.isIMAPAtomOrBracket), !Self.isNil(bytes) {
            writeBytes(bytes)
        } else {
            writeIMAPString(bytes)
        }
    }

    package mutating func writeIMAPAString(_ text: String) {
        writeIMAPAString(text.utf8)
    }

    /// A mailbox name in the spelling of IMAP4rev1: modified UTF-7 (RFC 3501 §5.1.3).
    package mutating func writeIMAPMailbox(_ mailbox: MailboxName) {
        // The extended names are told as quoted strings by every server; clients that parse LIST with patterns expect it.
        let bytes = ModifiedUTF7.encode(mailbox.path)
        if bytes.count == 5, mailbox.isInbox { writeBytes(bytes) } else { writeIMAPString(bytes) }
    }

    /// `names` in parentheses, separated by spaces, as they are.
    package mutating func writeIMAPList(_ names: some Sequence<String>) {
        writeInteger(ASCII.leftParenthesis)
        var first = true
        for name in names {
            if !first { writeInteger(ASCII.space) }
            first = false
            writeString(name)
        }
        writeInteger(ASCII.rightParenthesis)
    }

    private static func isNil(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.count == 3 && zip(bytes, "nil".utf8).allSatisfy { $0.asciiLowercased == $1 }
    }
}
