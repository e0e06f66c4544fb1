import Bytes
package import NIOCore

extension ByteBuffer {
    /// Octets of text in one reply line: 512 less code, space and CRLF (RFC 5321 §4.5.3.1.5).
    private static var maximumReplyText: Int { 512 - 6 }

    /// Writes `reply`. Control characters become spaces and, unless `allowsUTF8`, what is not ASCII becomes `?`: text
    /// may hold what the client sent, and must not become a reply of its own.
    package mutating func write(_ reply: Reply, allowsUTF8: Bool = false) {
        write(line: reply.text, of: reply, isLast: reply.moreLines.isEmpty, allowsUTF8: allowsUTF8)
        for (index, line) in reply.moreLines.enumerated() {
            write(line: line, of: reply, isLast: index == reply.moreLines.count - 1, allowsUTF8: allowsUTF8)
        }
    }

    private mutating func write(line: String, of reply: Reply, isLast: Bool, allowsUTF8: Bool) {
        let start = writerIndex
        // A challenge must arrive whole; RFC 4954 §4 lets such lines be long.
        let limit =
            reply.code == .challenge ? CommandParser.maximumAuthenticationLineLength - 2 : Self.maximumReplyText
        writeDigits(reply.code.rawValue)
        writeInteger(isLast ? 0x20 : 0x2D, as: UInt8.self)
        if let status = reply.status {
            // RFC 2034 §4: every line of a multi-line reply has the code.
            writeInteger(0x30 + status.class.rawValue, as: UInt8.self)
            writeInteger(0x2E, as: UInt8.self)
            writeDecimal(UInt64(status.subject))
            writeInteger(0x2E, as: UInt8.self)
            writeDecimal(UInt64(status.detail))
            writeInteger(0x20, as: UInt8.self)
        }
        let room = limit - (writerIndex - start)
        if line.utf8.count <= room, line.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
            writeString(line)
            writeStaticString("\r\n")
            return
        }
        for scalar in line.unicodeScalars {
            guard writerIndex - start < limit else { break }
            if scalar.value < 0x20 || scalar.value == 0x7F {
                writeInteger(0x20, as: UInt8.self)
            } else if scalar.isASCII {
                writeInteger(UInt8(truncatingIfNeeded: scalar.value), as: UInt8.self)
            } else if allowsUTF8 {
                writeString(String(scalar))
            } else {
                writeInteger(0x3F, as: UInt8.self)
            }
        }
        writeStaticString("\r\n")
    }

    private mutating func writeDigits(_ value: UInt16) {
        writeInteger(0x30 + UInt8(value / 100 % 10), as: UInt8.self)
        writeInteger(0x30 + UInt8(value / 10 % 10), as: UInt8.self)
        writeInteger(0x30 + UInt8(value % 10), as: UInt8.self)
    }
}
