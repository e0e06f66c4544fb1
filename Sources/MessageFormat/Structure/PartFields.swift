import Bytes
import NIOCore

/// What a part's header says about the part, and about the message if it is one.
struct PartFields {
    var mediaType: String?
    var subtype = ""
    var parameters: [MIMEParameter] = []
    var hasContentType = false
    var contentID: ByteBuffer?
    var contentDescription: ByteBuffer?
    var transferEncoding: TransferEncoding?
    var md5: ByteBuffer?
    var disposition: ContentDisposition?
    var languages: [ByteBuffer] = []
    var location: ByteBuffer?

    var message = MessageFields()

    /// Reads `header`. Of a field that occurs twice the first is taken; the message's own fields are read on request only.
    init(_ header: ByteBuffer, asMessage: Bool) {
        header.withUnsafeReadableBytes { bytes in
            var scanner = FieldScanner()
            while let field = scanner.next(in: bytes) {
                let name = field.start..<field.nameEnd
                // RFC 2045 §9: every field that describes a body part begins with Content-.
                if name.count > 8, bytes[field.start + 7] == ASCII.hyphen, bytes[field.start].asciiLowercased == 0x63 {
                    content(header, bytes, name, field.valueStart..<field.valueEnd)
                } else if asMessage, name.count >= 2 {
                    message.read(header, bytes, name, field.valueStart..<field.valueEnd)
                }
            }
        }
    }

    private mutating func content(
        _ header: ByteBuffer, _ bytes: UnsafeRawBufferPointer, _ name: Range<Int>, _ value: Range<Int>
    ) {
        switch name.count {
        case 12 where !hasContentType && bytes.matches("content-type", name):
            hasContentType = true
            var scanner = ParameterScanner(header, bytes, value)
            if let type = scanner.mediaType() {
                mediaType = type.type
                subtype = type.subtype
            }
            // Even a type that is none may come with the charset of the text it is.
            parameters = scanner.parameters()
        case 25 where transferEncoding == nil && bytes.matches("content-transfer-encoding", name):
            var scanner = ParameterScanner(header, bytes, value)
            transferEncoding = scanner.word().map(Self.encoding)
        case 19 where disposition == nil && bytes.matches("content-disposition", name):
            var scanner = ParameterScanner(header, bytes, value)
            guard let kind = scanner.word() else { return }
            disposition = ContentDisposition(kind: kind, parameters: scanner.parameters())
        case 19 where contentDescription == nil && bytes.matches("content-description", name):
            contentDescription = Unfolding.unfold(header, bytes, value)
        case 10 where contentID == nil && bytes.matches("content-id", name):
            contentID = Unfolding.unfold(header, bytes, value)
        case 11 where md5 == nil && bytes.matches("content-md5", name):
            md5 = Unfolding.unfold(header, bytes, value)
        case 16 where languages.isEmpty && bytes.matches("content-language", name):
            languages = Self.languages(header, bytes, value)
        case 16 where location == nil && bytes.matches("content-location", name):
            location = Unfolding.unfold(header, bytes, value)
        default: break
        }
    }

    private static func encoding(_ word: String) -> TransferEncoding {
        switch word {
        case "7bit", "7-bit": .sevenBit
        case "8bit", "8-bit": .eightBit
        case "x-uuencode", "uuencode", "x-uue", "uue": .uuencode
        default: TransferEncoding(rawValue: word)
        }
    }

    /// `de, en` (RFC 3282 §2).
    private static func languages(_ header: ByteBuffer, _ bytes: UnsafeRawBufferPointer, _ value: Range<Int>)
        -> [ByteBuffer]
    {
        var output: [ByteBuffer] = []
        var index = value.lowerBound
        while index < value.upperBound, output.count < 100 {
            if bytes[index] == ASCII.leftParenthesis {
                index = Comment.end(bytes, index, value.upperBound)
            } else if bytes[index].isASCIIAlphanumeric {
                let start = index
                while index < value.upperBound, bytes[index].isASCIIAlphanumeric || bytes[index] == ASCII.hyphen {
                    index += 1
                }
                output.append(header.piece(start..<index))
            } else {
                index += 1
            }
        }
        return output
    }
}

/// The fields of a message that its envelope and its thread are made of.
struct MessageFields {
    var envelope = Envelope()
    var references: ByteBuffer?

    mutating func read(_ header: ByteBuffer, _ bytes: UnsafeRawBufferPointer, _ name: Range<Int>, _ value: Range<Int>) {
        switch bytes[name.lowerBound].asciiLowercased {
        case 0x62 where bytes.matches("bcc", name): envelope.bcc += addresses(header, bytes, value)
        case 0x63 where bytes.matches("cc", name): envelope.cc += addresses(header, bytes, value)
        case 0x64 where envelope.date == nil && bytes.matches("date", name):
            envelope.date = Unfolding.unfold(header, bytes, value)
        case 0x66 where bytes.matches("from", name): envelope.from += addresses(header, bytes, value)
        case 0x69 where envelope.inReplyTo == nil && bytes.matches("in-reply-to", name):
            envelope.inReplyTo = Unfolding.unfold(header, bytes, value)
        case 0x6D where envelope.messageID == nil && bytes.matches("message-id", name):
            envelope.messageID = Unfolding.unfold(header, bytes, value)
        case 0x72 where bytes.matches("reply-to", name): envelope.replyTo += addresses(header, bytes, value)
        case 0x72 where references == nil && bytes.matches("references", name):
            references = Unfolding.unfold(header, bytes, value)
        case 0x73 where envelope.subject == nil && bytes.matches("subject", name):
            envelope.subject = Unfolding.unfold(header, bytes, value)
        case 0x73 where bytes.matches("sender", name): envelope.sender += addresses(header, bytes, value)
        case 0x74 where bytes.matches("to", name): envelope.to += addresses(header, bytes, value)
        default: break
        }
    }

    /// RFC 9051 §7.5.2: sender and reply-to are never empty when from is not.
    mutating func complete() {
        if envelope.sender.isEmpty { envelope.sender = envelope.from }
        if envelope.replyTo.isEmpty { envelope.replyTo = envelope.from }
    }

    private func addresses(_ header: ByteBuffer, _ bytes: UnsafeRawBufferPointer, _ value: Range<Int>)
        -> [MessageAddress]
    {
        var scanner = AddressScanner(header, bytes, value)
        return scanner.list()
    }
}
