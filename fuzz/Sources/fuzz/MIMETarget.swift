import Bytes
import MailModel
import MessageFormat
import NIOCore

/// A whole message: parsed at once and in pieces, summarised, reported, decoded.
enum MIMETarget {
    static func run(_ bytes: [UInt8]) {
        let message = ByteBuffer(bytes: bytes)
        check(message, bytes, .standard)
        check(
            message, bytes,
            ParserLimits(depth: 3, parts: 4, fieldBytes: 1024, headerBytes: 4096, totalHeaderBytes: 4096))
    }

    private static func check(_ message: ByteBuffer, _ bytes: [UInt8], _ limits: ParserLimits) {
        let structure = MessageStructure.parse(message, limits: limits)
        var parser = MessageParser(limits: limits)
        for piece in Pieces.cut(bytes) { parser.consume(piece) }
        expect(parser.finish() == structure, "parsed in pieces, a message has another structure")
        visit(structure.root, within: 0..<bytes.count, message)

        let summary = MessageSummary.make(from: structure, bytes: message)
        expect(summary.preview.count <= Preview.length, "the preview is too long")
        guard let again = MessageSummary(decoding: summary.encode()) else { fail("a summary cannot be decoded") }
        expect(again == summary, "a summary changes when it is stored")
        expect(MIMEReport.json(for: message).utf8.allSatisfy { $0 >= 0x20 }, "the report is no JSON")
        _ = MIMEOutline.text(for: message)
    }

    private static func visit(_ part: MIMEPart, within bounds: Range<Int>, _ message: ByteBuffer) {
        expect(part.headerRange.lowerBound >= bounds.lowerBound, "a part begins before its parent's body")
        expect(part.bodyRange.upperBound <= bounds.upperBound, "a part ends behind its parent")
        expect(part.headerRange.upperBound <= part.bodyRange.lowerBound, "a header overlaps its body")
        _ = part.filename
        _ = part.charset
        if part.children.isEmpty,
            let body = message.getSlice(at: part.bodyRange.lowerBound, length: part.bodyRange.count)
        {
            _ = part.decodedText(body)
            decode(body, part.transferEncoding)
        }
        for child in part.children { visit(child, within: part.bodyRange, message) }
    }

    private static func decode(_ body: ByteBuffer, _ encoding: TransferEncoding) {
        let whole = TransferDecoder.decode(body, encoding)
        var decoder = TransferDecoder(encoding)
        var inPieces = ByteBuffer()
        for piece in Pieces.cut(Array(body.readableBytesView)) {
            var output = decoder.decode(piece)
            inPieces.writeBuffer(&output)
        }
        var end = decoder.finish()
        inPieces.writeBuffer(&end)
        expect(inPieces == whole, "decoded in pieces, a body is another")
    }
}

/// Stored summaries with a true checksum: others must be refused or make sense, and never trap.
enum SummaryTarget {
    static func run(_ bytes: [UInt8]) {
        let checksum = bytes.withUnsafeBytes { CRC32C.checksum($0) }
        let sealed = bytes + withUnsafeBytes(of: checksum.bigEndian) { Array($0) }
        guard let summary = MessageSummary(decoding: sealed) else { return }
        visit(summary.root)
        // Not necessarily the same: a time beyond all calendars is not kept.
        expect(MessageSummary(decoding: summary.encode()) != nil, "a summary cannot be decoded")
    }

    private static func visit(_ part: MIMEPart) {
        _ = (part.range, part.size, part.filename, part.charset, part.isMessage)
        for section in [PartSection.body, .header, .text, .mime] {
            _ = part.range(of: section, at: [])
            _ = part.range(of: section, at: [1])
            _ = part.range(of: section, at: [2, 1])
        }
        for child in part.children { visit(child) }
    }
}
