package import NIOCore

/// One part of a message: what its header says, and where its bytes are. The message itself is the root part.
///
/// All ranges are offsets into the whole message as stored. Texts are as the header has them: unquoted and unfolded, but
/// not decoded, as IMAP's BODYSTRUCTURE wants them (RFC 9051 §7.5.2).
package struct MIMEPart: Sendable, Hashable {
    /// Lower-case, `text` for a part that says nothing (RFC 2045 §5.2).
    package var mediaType: String
    /// Lower-case, `plain` for a part that says nothing.
    package var subtype: String
    /// Of Content-Type, in order.
    package var parameters: [MIMEParameter]
    package var contentID: ByteBuffer?
    package var contentDescription: ByteBuffer?
    package var transferEncoding: TransferEncoding
    package var md5: ByteBuffer?
    package var disposition: ContentDisposition?
    package var languages: [ByteBuffer]
    package var location: ByteBuffer?
    /// The header with the blank line that ends it. Empty for a part without one.
    package var headerRange: Range<Int>
    /// The body as encoded. In a multipart the line end before a boundary belongs to the boundary (RFC 2046 §5.1.1).
    package var bodyRange: Range<Int>
    /// Line ends in the body.
    package var lineCount: Int
    /// On a `message/rfc822` or `message/global` part: the envelope of the message in it.
    package var envelope: Envelope?
    /// The parts of a multipart; the one message of a `message/rfc822`. Empty for a leaf.
    package var children: [MIMEPart]

    package init(mediaType: String = "text", subtype: String = "plain") {
        self.mediaType = mediaType
        self.subtype = subtype
        parameters = []
        transferEncoding = .sevenBit
        languages = []
        headerRange = 0..<0
        bodyRange = 0..<0
        lineCount = 0
        children = []
    }

    /// Header and body together: `BODY[]` of the root, and what a forwarded copy of a part needs.
    package var range: Range<Int> { headerRange.lowerBound..<max(headerRange.lowerBound, bodyRange.upperBound) }
    /// Bytes of the encoded body.
    package var size: Int { bodyRange.count }
    package var contentType: String { mediaType + "/" + subtype }
    package var isMultipart: Bool { mediaType == "multipart" }
    /// Whether this part is a message whose structure is known: its only child is that message.
    package var isMessage: Bool { mediaType == "message" && !children.isEmpty }
    /// The message inside a `message/rfc822` part.
    package var message: MIMEPart? { isMessage ? children[0] : nil }

    /// A parameter of Content-Type, decoded (RFC 2231, and RFC 2047 as some programs write it).
    package func parameter(_ name: String) -> String? {
        MIMEParameter.decoded(parameters, name)
    }

    /// The charset of a text part as labelled, lower-case; `us-ascii` where nothing is said (RFC 2046 §4.1.2).
    package var charset: String { parameter("charset")?.lowercased() ?? "us-ascii" }

    /// The file name that the sender suggests: of the disposition, else the `name` of the type; decoded.
    package var filename: String? {
        disposition.flatMap { MIMEParameter.decoded($0.parameters, "filename") } ?? parameter("name")
    }

    /// Whether the part is for reading in place rather than for saving.
    package var isAttachment: Bool { disposition?.kind == "attachment" }
}

/// Content-Disposition (RFC 2183).
package struct ContentDisposition: Sendable, Hashable {
    /// Lower-case: `inline`, `attachment` or what else was written.
    package var kind: String
    package var parameters: [MIMEParameter]

    package init(kind: String, parameters: [MIMEParameter] = []) {
        self.kind = kind
        self.parameters = parameters
    }
}

/// Content-Transfer-Encoding (RFC 2045 §6): a value that IANA or a sender may extend.
package struct TransferEncoding: RawRepresentable, Sendable, Hashable {
    /// Lower-case.
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let sevenBit = TransferEncoding(rawValue: "7bit")
    package static let eightBit = TransferEncoding(rawValue: "8bit")
    package static let binary = TransferEncoding(rawValue: "binary")
    package static let quotedPrintable = TransferEncoding(rawValue: "quoted-printable")
    package static let base64 = TransferEncoding(rawValue: "base64")
    package static let uuencode = TransferEncoding(rawValue: "x-uuencode")

    /// Whether the body's bytes are the content itself.
    package var isIdentity: Bool { self == .sevenBit || self == .eightBit || self == .binary }
    /// Whether `TransferDecoder` knows it.
    package var isKnown: Bool {
        isIdentity || self == .quotedPrintable || self == .base64 || self == .uuencode
    }
}
