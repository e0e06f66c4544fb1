import Bytes
package import MailModel
package import NIOCore

/// Makes a message: fields in the order they are added, then a body.
///
/// It knows no clock and no chance: dates and identifiers are given.
package struct MessageBuilder: Sendable {
    private var writer: HeaderWriter
    private var body = BodyPart.text("")

    /// `allowsUTF8`: whether the message may need SMTPUTF8 (RFC 6532). Without it, names and texts are encoded.
    package init(allowsUTF8: Bool = false) {
        writer = HeaderWriter(allowsUTF8: allowsUTF8)
    }

    /// Adds a field of free text, such as Subject.
    package mutating func add(_ name: String, text: String) {
        writer.field(name, text: text)
    }

    /// Adds a field whose value has a grammar of its own and is ready but for folding.
    package mutating func add(_ name: String, structured value: String) {
        writer.field(name, structured: value)
    }

    /// Adds a field of addresses, each with an optional display name. `address` is written as it is.
    package mutating func add(_ name: String, addresses: [(name: String?, address: String)]) {
        let list = addresses.map { entry in
            guard let display = entry.name, !display.isEmpty else { return entry.address }
            return HeaderWriter.phrase(display, allowsUTF8: writer.allowsUTF8) + " <\(entry.address)>"
        }
        writer.field(name, structured: list.joined(separator: ", "))
    }

    package mutating func add(_ name: String, date: Timestamp, offsetMinutes: Int = 0) {
        writer.field(name, structured: InternetDate.format(date, offsetMinutes: offsetMinutes))
    }

    package mutating func setBody(_ part: BodyPart) {
        body = part
    }

    /// The message, with CRLF line ends throughout what the builder wrote.
    package func build() -> ByteBuffer {
        var writer = writer
        writer.field("MIME-Version", structured: "1.0")
        body.writeFields(&writer)
        var output = writer.buffer
        output.writeStaticString("\r\n")
        body.writeContent(&output)
        return output
    }
}

/// A part of a message to be built.
package struct BodyPart: Sendable {
    private indirect enum Content: Sendable {
        case bytes(ByteBuffer)
        case parts([BodyPart], boundary: String)
    }

    private var contentType: String
    private var fields: [(name: String, value: String)] = []
    private var content: Content

    /// Text: as it is where lines are short and ASCII, quoted-printable else. Line ends become CRLF.
    package static func text(_ text: String, subtype: String = "plain") -> BodyPart {
        let bytes = Self.withCRLF(text)
        let isASCII = bytes.allSatisfy { $0 < 0x80 && $0 != 0 }
        let isShort = bytes.split(separator: ASCII.lf).allSatisfy { $0.count <= 998 }
        let type = "text/\(subtype); charset=" + (isASCII ? "us-ascii" : "utf-8")
        if isASCII, isShort { return BodyPart(type, bytes: ByteBuffer(bytes: bytes), encoding: "7bit") }
        return BodyPart(type, bytes: QuotedPrintable.encode(bytes), encoding: "quoted-printable")
    }

    /// A file, in base64. `filename` may be any text.
    package static func attachment(_ bytes: ByteBuffer, type: String, filename: String?, isInline: Bool = false)
        -> BodyPart
    {
        let name = filename.map { ParameterWriter.write("filename", $0) } ?? ""
        var part = BodyPart(type, bytes: Self.base64Lines(bytes), encoding: "base64")
        part.fields.append(("Content-Disposition", (isInline ? "inline" : "attachment") + name))
        return part
    }

    /// Bytes that go in unencoded: a message, a report. `8bit` where it must be.
    package static func verbatim(_ bytes: ByteBuffer, type: String) -> BodyPart {
        let isASCII = bytes.withUnsafeReadableBytes { $0.allSatisfy { $0 < 0x80 } }
        return BodyPart(type, bytes: bytes, encoding: isASCII ? "7bit" : "8bit")
    }

    /// Parts in a multipart. The boundary is one that no part contains.
    package static func multipart(_ subtype: String, _ parts: [BodyPart], parameters: String = "") -> BodyPart {
        var contents = ByteBuffer()
        for part in parts { part.writeContent(&contents) }
        let seed = contents.withUnsafeReadableBytes { CRC32C.checksum($0) }
        var boundary = "=_\(String(seed, radix: 36))"
        var attempt = 0
        while contents.withUnsafeReadableBytes({ bytes in
            Array(boundary.utf8).withUnsafeBytes { bytes.offset(ofSequence: $0) != nil }
        }) {
            attempt += 1
            boundary = "=_\(String(seed &+ UInt32(truncatingIfNeeded: attempt), radix: 36))_\(attempt)"
        }
        return BodyPart(
            contentType: "multipart/\(subtype)\(parameters); boundary=\"\(boundary)\"", fields: [],
            content: .parts(parts, boundary: boundary))
    }

    /// Adds a field to the part, such as Content-ID.
    package func adding(_ name: String, _ value: String) -> BodyPart {
        var part = self
        part.fields.append((name, value))
        return part
    }

    private init(_ contentType: String, bytes: ByteBuffer, encoding: String) {
        self.init(
            contentType: contentType, fields: [("Content-Transfer-Encoding", encoding)], content: .bytes(bytes))
    }

    private init(contentType: String, fields: [(name: String, value: String)], content: Content) {
        self.contentType = contentType
        self.fields = fields
        self.content = content
    }

    func writeFields(_ writer: inout HeaderWriter) {
        writer.field("Content-Type", structured: contentType)
        for field in fields { writer.field(field.name, structured: field.value) }
    }

    func writeContent(_ output: inout ByteBuffer) {
        switch content {
        case .bytes(let bytes): output.writeImmutableBuffer(bytes)
        case .parts(let parts, let boundary):
            for part in parts {
                output.writeString("--\(boundary)\r\n")
                var writer = HeaderWriter(allowsUTF8: true)
                part.writeFields(&writer)
                output.writeImmutableBuffer(writer.buffer)
                output.writeStaticString("\r\n")
                part.writeContent(&output)
                output.writeStaticString("\r\n")
            }
            output.writeString("--\(boundary)--\r\n")
        }
    }

    private static func withCRLF(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == ASCII.lf, previous != ASCII.cr { output.append(ASCII.cr) }
            output.append(byte)
            previous = byte
        }
        return output
    }

    private static func base64Lines(_ bytes: ByteBuffer) -> ByteBuffer {
        var output = ByteBuffer()
        var rest = bytes
        // 57 bytes are a line of 76 (RFC 2045 §6.8).
        while let line = rest.readSlice(length: min(57, rest.readableBytes)), line.readableBytes > 0 {
            if output.writerIndex > 0 { output.writeStaticString("\r\n") }
            output.writeBytes(Base64.encode(line.readableBytesView))
        }
        return output
    }
}

/// Quoted-printable for texts (RFC 2045 §6.7).
enum QuotedPrintable {
    /// `text`, whose lines end with CRLF.
    static func encode(_ text: [UInt8]) -> ByteBuffer {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 4)
        var column = 0
        for (index, byte) in text.enumerated() {
            let isLineEnd = index + 1 == text.count || text[index + 1] == ASCII.cr || text[index + 1] == ASCII.lf
            if byte == ASCII.lf, index > 0, text[index - 1] == ASCII.cr {
                output.append(ASCII.lf)
                column = 0
                continue
            }
            if byte == ASCII.cr, index + 1 < text.count, text[index + 1] == ASCII.lf {
                output.append(ASCII.cr)
                continue
            }
            let isPlain = byte > 0x20 && byte < 0x7F && byte != ASCII.equals || (byte.isASCIIBlank && !isLineEnd)
            // SMTP's final dot and mbox's From must not begin a line unprotected.
            let isRisky = column == 0 && (byte == ASCII.dot || byte == 0x46)
            let width = isPlain && !isRisky ? 1 : 3
            if column + width > 75 {
                output.append(contentsOf: [ASCII.equals, ASCII.cr, ASCII.lf])
                column = 0
            }
            if width == 1 {
                output.append(byte)
            } else {
                output.append(ASCII.equals)
                output.append(contentsOf: EncodedWordWriter.hexadecimal(byte).utf8)
            }
            column += width
        }
        return ByteBuffer(bytes: output)
    }
}
