package import NIOCore

/// What a message is made of. Every sequence of bytes has one.
package struct MessageStructure: Sendable, Hashable {
    /// The message itself; `root.headerRange` is its header, `root.bodyRange` its text.
    package var root: MIMEPart
    package var envelope: Envelope
    /// The References field unfolded, for threads.
    package var references: ByteBuffer?
    /// Bytes of the whole message.
    package var size: Int
    /// Whether a limit was met, so that some header values or parts are not told.
    package var isTruncated: Bool

    /// The structure of a message that is in memory.
    package static func parse(_ bytes: ByteBuffer, limits: ParserLimits = .standard) -> MessageStructure {
        var parser = MessageParser(limits: limits)
        parser.consume(bytes)
        return parser.finish()
    }

    /// The part that IMAP calls `path` (RFC 9051 §6.4.5.1): `[]` is the message, `[1]` the first part of a multipart or the
    /// body of anything else, and behind a `message/rfc822` the numbers count on in the message it holds.
    package func part(at path: [Int]) -> MIMEPart? {
        root.part(at: path)
    }

    /// Where the bytes of a section are; nil if there is no such section. `[]` with `.body` is the whole message.
    package func range(of section: PartSection, at path: [Int]) -> Range<Int>? {
        root.range(of: section, at: path)
    }
}

/// What IMAP asks for of a part (RFC 9051 §6.4.5.1).
package enum PartSection: Sendable, Hashable {
    /// The content of a part, as encoded: `BODY[1.2]`; of the message, all of it.
    case body
    /// `BODY[HEADER]`, `BODY[4.HEADER]`: the header of a message; HEADER.FIELDS selects from it.
    case header
    /// `BODY[TEXT]`, `BODY[4.TEXT]`: the body of a message.
    case text
    /// `BODY[4.MIME]`: the header of the part itself.
    case mime
}

extension MIMEPart {
    package func part(at path: [Int]) -> MIMEPart? {
        // A part that is a message is entered before its parts are counted.
        var current = self
        var isEntity = true
        for number in path {
            let inside = isEntity ? current : current.message
            if let inside {
                guard let next = inside.numbered(number) else { return nil }
                current = next
            } else {
                guard current.isMultipart, current.children.indices.contains(number - 1) else { return nil }
                current = current.children[number - 1]
            }
            isEntity = false
        }
        return current
    }

    package func range(of section: PartSection, at path: [Int]) -> Range<Int>? {
        guard let part = part(at: path) else { return nil }
        if path.isEmpty {
            switch section {
            case .body: return part.range
            case .header: return part.headerRange
            case .text: return part.bodyRange
            case .mime: return nil
            }
        }
        switch section {
        case .body: return part.bodyRange
        case .mime: return part.headerRange
        case .header: return part.message?.headerRange
        case .text: return part.message?.bodyRange
        }
    }

    /// The part `number` of a message: its only part is its body unless it is a multipart.
    private func numbered(_ number: Int) -> MIMEPart? {
        if isMultipart { return children.indices.contains(number - 1) ? children[number - 1] : nil }
        return number == 1 ? self : nil
    }

    /// All leaves in order: what is not a multipart. A `message/rfc822` is a leaf here.
    package var leaves: [MIMEPart] {
        isMultipart ? children.flatMap(\.leaves) : [self]
    }
}
