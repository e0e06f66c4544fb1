import Bytes
import NIOCore

/// Writes header texts as IMAP strings. Concrete, because thousands of envelopes go through it in one FETCH.
///
/// Bytes above 0x7F have no place in a quoted string of IMAP4rev1 (RFC 3501 §9 "QUOTED-CHAR"), so raw 8-bit headers go out as
/// literals with their bytes unchanged; Dovecot (`lib-imap/imap-quote.c`) does the same. A client that has enabled UTF-8
/// gets them quoted if they are UTF-8 (RFC 9051 §4.3).
struct WireText {
    /// Whether quoted strings may carry UTF-8.
    var allowsUTF8: Bool

    /// Longer texts go out as literals: some clients keep quoted strings in line buffers.
    static let longestQuoted = 1024

    /// `nstring`.
    func write(_ text: ByteBuffer?, into output: inout ByteBuffer) {
        guard let text else {
            output.writeStaticString("NIL")
            return
        }
        text.withUnsafeReadableBytes { write($0, into: &output) }
    }

    func write(_ text: String, into output: inout ByteBuffer) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), into: &output) }
    }

    /// `string`.
    func write(_ bytes: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        var escapes = 0
        var needsLiteral = bytes.count > Self.longestQuoted
        var has8Bit = false
        var hasNUL = false
        for byte in bytes {
            switch byte {
            // Spelled out: a constant of another module is a call for each byte.
            case 0x22, 0x5C: escapes += 1
            case 0x0A, 0x0D: needsLiteral = true
            case 0: hasNUL = true
            case 0x80...: has8Bit = true
            default: break
            }
        }
        if has8Bit, !allowsUTF8 || String(validating: bytes, as: UTF8.self) == nil { needsLiteral = true }
        if needsLiteral {
            output.writeInteger(ASCII.leftBrace)
            output.writeDecimal(UInt64(bytes.count))
            output.writeStaticString("}\r\n")
            writeWithoutNUL(bytes, hasNUL: hasNUL, into: &output)
            return
        }
        output.writeInteger(ASCII.doubleQuote)
        if escapes == 0 {
            writeWithoutNUL(bytes, hasNUL: hasNUL, into: &output)
        } else {
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count + escapes) { target in
                var length = 0
                for byte in bytes {
                    if byte == ASCII.doubleQuote || byte == ASCII.backslash {
                        target[length] = ASCII.backslash
                        length += 1
                    }
                    target[length] = byte == 0 ? ASCII.space : byte
                    length += 1
                }
                return length
            }
        }
        output.writeInteger(ASCII.doubleQuote)
    }

    /// No string may contain NUL (RFC 9051 §9 "CHAR8"); in a header it becomes a space.
    private func writeWithoutNUL(_ bytes: UnsafeRawBufferPointer, hasNUL: Bool, into output: inout ByteBuffer) {
        if hasNUL {
            output.writeBytes(bytes.map { $0 == 0 ? ASCII.space : $0 })
        } else {
            output.writeBytes(bytes)
        }
    }
}
