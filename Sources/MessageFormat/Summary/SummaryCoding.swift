import Bytes
import MailModel
package import NIOCore

// The encoding: a version byte, the fields in the order below, and CRC-32C of all that. Numbers are LEB128; a text is its
// length plus one and its bytes, 0 for none.

extension MessageSummary {
    package func encode() -> [UInt8] {
        var writer = SummaryWriter()
        writer.byte(UInt8(Self.version))
        writer.number(size)
        writer.number(sentDate.map { Self.zigzag($0.seconds) &+ 1 } ?? 0)
        writer.text(preview)
        writer.text(baseSubject)
        writer.text(messageID)
        writer.text(inReplyTo)
        writer.number(references.count)
        for reference in references { writer.text(reference) }
        writer.envelope(envelope)
        writer.part(root)
        return writer.sealed()
    }

    /// Nil for another version, and for bytes that are damaged. Texts share the storage of `bytes`.
    package init?(decoding bytes: ByteBuffer) {
        guard let payload = SummaryReader.opened(bytes) else { return nil }
        var reader = SummaryReader(bytes: payload)
        guard reader.byte() == UInt8(Self.version), let size = reader.number(), let date = reader.number(),
            let preview = reader.string(), let baseSubject = reader.string()
        else { return nil }
        messageID = reader.text()
        inReplyTo = reader.text()
        guard let count = reader.count() else { return nil }
        references = []
        for _ in 0..<count {
            guard let reference = reader.text() else { return nil }
            references.append(reference)
        }
        guard let envelope = reader.envelope(), let root = reader.part(depth: 0), !reader.isDamaged else { return nil }
        self.size = size
        self.preview = preview
        self.baseSubject = baseSubject
        self.envelope = envelope
        self.root = root
        sentDate = date == 0 ? nil : Timestamp(seconds: Self.unzigzag(date &- 1))
    }

    package init?(decoding bytes: [UInt8]) {
        self.init(decoding: ByteBuffer(bytes: bytes))
    }

    private static func zigzag(_ value: Int64) -> Int { Int((value << 1) ^ (value >> 63)) }
    private static func unzigzag(_ value: Int) -> Int64 { Int64(value >> 1) ^ -Int64(value & 1) }
}

private struct SummaryWriter {
    var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(1024) }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func number(_ value: Int) {
        var rest = UInt(bitPattern: value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func text(_ value: ByteBuffer?) {
        guard let value else { return number(0) }
        number(value.readableBytes + 1)
        value.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
    }

    mutating func text(_ value: String) {
        var value = value
        value.withUTF8 { text in
            number(text.count + 1)
            bytes.append(contentsOf: text)
        }
    }

    mutating func envelope(_ envelope: Envelope) {
        text(envelope.date)
        text(envelope.subject)
        text(envelope.inReplyTo)
        text(envelope.messageID)
        // The two defaults need not be kept twice.
        let isOwnSender = envelope.sender != envelope.from
        let isOwnReplyTo = envelope.replyTo != envelope.from
        byte((isOwnSender ? 1 : 0) | (isOwnReplyTo ? 2 : 0))
        addresses(envelope.from)
        if isOwnSender { addresses(envelope.sender) }
        if isOwnReplyTo { addresses(envelope.replyTo) }
        addresses(envelope.to)
        addresses(envelope.cc)
        addresses(envelope.bcc)
    }

    private mutating func addresses(_ list: [MessageAddress]) {
        number(list.count)
        for address in list {
            text(address.name)
            text(address.route)
            text(address.mailbox)
            text(address.host)
        }
    }

    mutating func part(_ part: MIMEPart) {
        text(part.mediaType)
        text(part.subtype)
        text(part.transferEncoding.rawValue)
        parameters(part.parameters)
        number(part.headerRange.lowerBound)
        number(part.headerRange.count)
        number(part.bodyRange.lowerBound)
        number(part.bodyRange.count)
        number(part.lineCount)
        let optional =
            (part.contentID == nil ? 0 : 1) | (part.contentDescription == nil ? 0 : 2) | (part.md5 == nil ? 0 : 4)
            | (part.disposition == nil ? 0 : 8) | (part.languages.isEmpty ? 0 : 16) | (part.location == nil ? 0 : 32)
            | (part.envelope == nil ? 0 : 64)
        byte(UInt8(optional))
        if let value = part.contentID { text(value) }
        if let value = part.contentDescription { text(value) }
        if let value = part.md5 { text(value) }
        if let value = part.disposition {
            text(value.kind)
            parameters(value.parameters)
        }
        if !part.languages.isEmpty {
            number(part.languages.count)
            for language in part.languages { text(language) }
        }
        if let value = part.location { text(value) }
        if let value = part.envelope { envelope(value) }
        number(part.children.count)
        for child in part.children { self.part(child) }
    }

    private mutating func parameters(_ list: [MIMEParameter]) {
        number(list.count)
        for parameter in list {
            text(parameter.name)
            text(parameter.value)
        }
    }

    mutating func sealed() -> [UInt8] {
        let sum = bytes.withUnsafeBytes { CRC32C.checksum($0) }
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: sum >> shift)) }
        return bytes
    }
}

/// Reads what `SummaryWriter` wrote, and survives what it did not.
private struct SummaryReader {
    var bytes: ByteBuffer
    var isDamaged = false

    init(bytes: ByteBuffer) { self.bytes = bytes }

    /// The bytes without their checksum, if it is right.
    static func opened(_ bytes: ByteBuffer) -> ByteBuffer? {
        var bytes = bytes
        guard bytes.readableBytes > 4, var payload = bytes.readSlice(length: bytes.readableBytes - 4),
            let wanted = bytes.readInteger(as: UInt32.self)
        else { return nil }
        let sum = payload.withUnsafeReadableBytes { CRC32C.checksum($0) }
        guard sum == wanted else { return nil }
        payload.discardReadBytes()
        return payload
    }

    mutating func byte() -> UInt8? {
        let value = bytes.readInteger(as: UInt8.self)
        if value == nil { isDamaged = true }
        return value
    }

    /// A number of at most 62 bits.
    mutating func number() -> Int? {
        var value: UInt = 0
        var shift: UInt = 0
        while let byte = byte() {
            value |= UInt(byte & 0x7F) << shift
            if byte < 0x80 {
                guard value < UInt(Int.max) / 2 else { break }
                return Int(value)
            }
            shift += 7
            if shift > 62 { break }
        }
        isDamaged = true
        return nil
    }

    /// A number of things that take at least a byte each.
    mutating func count() -> Int? {
        guard let value = number(), value <= bytes.readableBytes else {
            isDamaged = true
            return nil
        }
        return value
    }

    mutating func text() -> ByteBuffer? {
        guard let length = number(), length > 0 else { return nil }
        guard let text = bytes.readSlice(length: length - 1) else {
            isDamaged = true
            return nil
        }
        return text
    }

    mutating func string() -> String? { text()?.text }

    mutating func envelope() -> Envelope? {
        var envelope = Envelope()
        envelope.date = text()
        envelope.subject = text()
        envelope.inReplyTo = text()
        envelope.messageID = text()
        guard let own = byte(), let from = addresses() else { return nil }
        envelope.from = from
        envelope.sender = from
        envelope.replyTo = from
        if own & 1 != 0 {
            guard let sender = addresses() else { return nil }
            envelope.sender = sender
        }
        if own & 2 != 0 {
            guard let replyTo = addresses() else { return nil }
            envelope.replyTo = replyTo
        }
        guard let to = addresses(), let cc = addresses(), let bcc = addresses() else { return nil }
        envelope.to = to
        envelope.cc = cc
        envelope.bcc = bcc
        return envelope
    }

    private mutating func addresses() -> [MessageAddress]? {
        guard let count = count() else { return nil }
        var list: [MessageAddress] = []
        for _ in 0..<count where !isDamaged {
            list.append(MessageAddress(name: text(), route: text(), mailbox: text(), host: text()))
        }
        return isDamaged ? nil : list
    }

    mutating func part(depth: Int) -> MIMEPart? {
        guard depth <= 1000, let type = string(), let subtype = string(), let encoding = string(),
            let parameters = parameters(), let header = range(), let body = range(), let lineCount = number(),
            let optional = byte()
        else { return nil }
        var part = MIMEPart(mediaType: type, subtype: subtype)
        part.transferEncoding = TransferEncoding(rawValue: encoding)
        part.parameters = parameters
        part.headerRange = header
        part.bodyRange = body
        part.lineCount = lineCount
        if optional & 1 != 0 { part.contentID = text() }
        if optional & 2 != 0 { part.contentDescription = text() }
        if optional & 4 != 0 { part.md5 = text() }
        if optional & 8 != 0 {
            guard let kind = string(), let parameters = self.parameters() else { return nil }
            part.disposition = ContentDisposition(kind: kind, parameters: parameters)
        }
        if optional & 16 != 0 {
            guard let count = count() else { return nil }
            for _ in 0..<count {
                guard let language = text() else { return nil }
                part.languages.append(language)
            }
        }
        if optional & 32 != 0 { part.location = text() }
        if optional & 64 != 0 {
            guard let envelope = envelope() else { return nil }
            part.envelope = envelope
        }
        guard let children = count() else { return nil }
        for _ in 0..<children {
            guard let child = self.part(depth: depth + 1) else { return nil }
            part.children.append(child)
        }
        return part
    }

    private mutating func range() -> Range<Int>? {
        guard let lower = number(), let count = number() else { return nil }
        return lower..<lower + count
    }

    private mutating func parameters() -> [MIMEParameter]? {
        guard let count = count() else { return nil }
        var list: [MIMEParameter] = []
        for _ in 0..<count {
            guard let name = string(), let value = text() else { return nil }
            list.append(MIMEParameter(name: name, value: value))
        }
        return list
    }
}
