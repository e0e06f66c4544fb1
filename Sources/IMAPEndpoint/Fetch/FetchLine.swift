import Bytes
import IMAPWire
import MailModel
import MailStore
import MessageFormat
import NIOCore

/// The reply about one message while it is written.
struct FetchLine {
    /// Where the line begins in the sink's buffer.
    let start: Int
    let sink: any ResponseSink
    /// Whether a piece of the line is on its way, so that it cannot be taken back.
    private(set) var isSent = false

    /// Bytes of content gathered before they are sent.
    private static let flushSize = 64 << 10

    init(start: Int, sink: any ResponseSink) {
        self.start = start
        self.sink = sink
    }

    /// Writes an item that the row's identity answers; false for any other.
    func write(_ attribute: FetchAttribute, _ identity: ItemIdentity?) -> Bool {
        switch attribute {
        case .emailID:
            // RFC 8474 §5.1: letters, digits, "_" and "-" in parentheses.
            sink.output.writeStaticString("EMAILID ")
            writeObjectID("M", identity?.email.rawValue)
        case .threadID:
            sink.output.writeStaticString("THREADID ")
            writeObjectID("T", identity?.thread.rawValue)
        case .saveDate:
            sink.output.writeStaticString("SAVEDATE ")
            if let saved = identity?.saved {
                sink.output.writeIMAPDateTime(DateTime(saved))
            } else {
                sink.output.writeStaticString("NIL")
            }
        default: return false
        }
        return true
    }

    private func writeObjectID(_ prefix: StaticString, _ id: Int64?) {
        guard let id else {
            sink.output.writeStaticString("NIL")
            return
        }
        sink.output.writeInteger(ASCII.leftParenthesis)
        sink.output.writeStaticString(prefix)
        sink.output.writeDecimal(UInt64(clamping: id))
        sink.output.writeInteger(ASCII.rightParenthesis)
    }

    /// Writes an item that needs the message's summary or content.
    mutating func write(
        _ attribute: FetchAttribute, _ content: inout MessageContent, _ text: WireText
    ) async throws(MessageFailure) {
        switch attribute {
        case .envelope:
            let summary = try await summary(&content)
            sink.output.writeStaticString("ENVELOPE ")
            text.write(summary.envelope, into: &sink.output)
        case .body:
            let summary = try await summary(&content)
            sink.output.writeStaticString("BODY ")
            BodyStructureWriter(text: text, isExtended: false).write(summary.root, into: &sink.output)
        case .bodyStructure:
            let summary = try await summary(&content)
            sink.output.writeStaticString("BODYSTRUCTURE ")
            BodyStructureWriter(text: text, isExtended: true).write(summary.root, into: &sink.output)
        case .preview:
            let summary = try await summary(&content)
            sink.output.writeStaticString("PREVIEW ")
            text.write(summary.preview, into: &sink.output)
        case .rfc822:
            sink.output.writeStaticString("RFC822 ")
            try await writeSection(.whole, nil, &content)
        case .rfc822Header:
            sink.output.writeStaticString("RFC822.HEADER ")
            try await writeSection(Section(text: .header), nil, &content)
        case .rfc822Text:
            sink.output.writeStaticString("RFC822.TEXT ")
            try await writeSection(Section(text: .text), nil, &content)
        case .section(let section, let partial, _):
            sink.output.writeSectionName(section, partial: partial)
            try await writeSection(section, partial, &content)
        case .binary(let part, let partial, _):
            sink.output.writeBinaryName(part, partial: partial)
            try await writeBinary(part, partial, &content)
        case .binarySize(let part):
            sink.output.writeBinarySizeName(part)
            try await writeBinarySize(part, &content)
        case .flags, .uid, .internalDate, .rfc822Size, .modSequence, .emailID, .threadID, .saveDate:
            break
        }
    }

    // MARK: Sections

    private mutating func writeSection(
        _ section: Section, _ partial: Partial?, _ content: inout MessageContent
    ) async throws(MessageFailure) {
        let target: SectionTarget
        if section == .whole {
            target = .bytes(0..<(try await size(&content)))
        } else {
            let root = try await summary(&content).root
            target = SectionTarget(section, of: root, size: 0)
        }
        switch target {
        case .missing: sink.output.writeStaticString("NIL")
        case .bytes(let range):
            let wanted = partial?.range(in: range.count) ?? 0..<range.count
            try await writeLiteral(
                range.lowerBound + wanted.lowerBound..<range.lowerBound + wanted.upperBound, &content)
        case .fields(let range, let names, let excluding):
            let header: ByteBuffer
            do {
                header = try await content.header(range)
            } catch {
                throw .store(error)
            }
            var fields = HeaderBlock(header).selecting(names, excluding: excluding)
            let wanted = partial?.range(in: fields.readableBytes) ?? 0..<fields.readableBytes
            fields = fields.getSlice(at: fields.readerIndex + wanted.lowerBound, length: wanted.count) ?? ByteBuffer()
            announce(fields.readableBytes)
            try await send(fields)
        }
    }

    private mutating func writeLiteral(_ range: Range<Int>, _ content: inout MessageContent)
        async throws(MessageFailure)
    {
        var next = range.lowerBound
        var isAnnounced = false
        repeat {
            let size = sink.isShortOfMemory ? MessageContent.pieceSize / 4 : MessageContent.pieceSize
            let end = min(next + size, range.upperBound)
            let piece = try await read(next..<end, &content)
            // Not before the first bytes are at hand.
            if !isAnnounced {
                isAnnounced = true
                announce(range.count)
            }
            try await send(piece)
            next = end
        } while next < range.upperBound
    }

    /// Begins a string of `count` bytes; for none, writes it whole.
    ///
    /// A NUL among them goes out as it is, though RFC 9051 §9 wants none in an ordinary literal (CHAR8): a message must come
    /// out as it went in, and clients read a literal by its count. BINARY marks such a literal with `~`.
    private func announce(_ count: Int, isBinary: Bool = false) {
        guard count > 0 else {
            sink.output.writeStaticString("\"\"")
            return
        }
        if isBinary {
            sink.output.writeIMAPLiteral8Header(byteCount: count)
        } else {
            sink.output.writeIMAPLiteralHeader(byteCount: count)
        }
    }

    // MARK: BINARY

    private mutating func writeBinary(
        _ path: [UInt32], _ partial: Partial?, _ content: inout MessageContent
    ) async throws(MessageFailure) {
        let offset = max(0, partial?.offset ?? 0)
        let (end, overflow) = offset.addingReportingOverflow(partial?.count ?? .max)
        guard let part = try await binary(path, offset: offset, limit: overflow ? .max : end, &content) else {
            sink.output.writeStaticString("NIL")
            return
        }
        // RFC 3516 §4.3: a string if there is no NUL, so that the client knows.
        announce(part.wanted.count, isBinary: part.hasNUL)
        var line = self
        defer { self = line }
        try await part.forEachPiece(of: &content) { (piece: ByteBuffer) async throws(MessageFailure) in
            try await line.send(piece)
        }
    }

    private mutating func writeBinarySize(_ path: [UInt32], _ content: inout MessageContent)
        async throws(MessageFailure)
    {
        // A number is all the grammar allows, so a part that is not there has none of the bytes.
        let part = try await binary(path, offset: 0, limit: .max, &content)
        sink.output.writeDecimal(UInt64(part?.wanted.count ?? 0))
    }

    /// Nil if there is no such part. The whole message counts as binary content without an encoding of its own, as does
    /// a multipart (RFC 2045 §6.4).
    private func binary(
        _ path: [UInt32], offset: Int, limit: Int, _ content: inout MessageContent
    ) async throws(MessageFailure) -> BinaryPart? {
        let root = try await summary(&content).root
        guard var part = root.part(at: path.map { Int($0) }) else { return nil }
        if path.isEmpty {
            part.bodyRange = 0..<(try await size(&content))
            part.transferEncoding = .binary
        } else if part.isMultipart {
            part.transferEncoding = .binary
        }
        guard part.transferEncoding.isKnown else { throw .unknownEncoding }
        do {
            return try await BinaryPart(part, offset: offset, limit: limit, of: &content)
        } catch {
            throw .store(error)
        }
    }

    // MARK: Sending

    /// Adds bytes of an announced literal. Large pieces are handed on without copying.
    private mutating func send(_ bytes: ByteBuffer) async throws(MessageFailure) {
        guard sink.output.readableBytes + bytes.readableBytes > Self.flushSize else {
            sink.output.writeImmutableBuffer(bytes)
            return
        }
        isSent = true
        guard await sink.flush() else { throw .connectionLost }
        sink.output = bytes
        guard await sink.flush() else { throw .connectionLost }
    }

    private func summary(_ content: inout MessageContent) async throws(MessageFailure) -> MessageSummary {
        do {
            return try await content.knownSummary()
        } catch {
            throw .store(error)
        }
    }

    private func size(_ content: inout MessageContent) async throws(MessageFailure) -> Int {
        do {
            return try await content.size()
        } catch {
            throw .store(error)
        }
    }

    private func read(_ range: Range<Int>, _ content: inout MessageContent) async throws(MessageFailure) -> ByteBuffer {
        do {
            return try await content.read(range)
        } catch {
            throw .store(error)
        }
    }
}
