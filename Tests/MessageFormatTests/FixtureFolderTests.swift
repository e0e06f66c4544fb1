import Foundation
import MessageFormat
import NIOCore
import Testing

@Suite(.enabled(if: Fixtures.isPresent, "shared/fixtures/mime is absent"))
struct FixtureFolderTests {
    @Test func everyFileHasAConsistentStructure() throws {
        let files = Fixtures.files("mime")
        #expect(files.count > 800)
        for file in files {
            let bytes = try Fixtures.bytes(file)
            let structure = MessageStructure.parse(bytes)
            checkInvariants(structure, bytes, file.lastPathComponent)
            let header = structure.root.headerRange
            let text = structure.root.bodyRange
            #expect(header.upperBound == text.lowerBound && text.upperBound == bytes.readableBytes)
            let summary = MessageSummary.make(from: structure, bytes: bytes)
            #expect(MessageSummary(decoding: summary.encode()) == summary, "\(file.lastPathComponent)")
            #expect(summary.preview.unicodeScalars.count <= Preview.length, "\(file.lastPathComponent)")
        }
    }

    /// All fields together, with the blank line, are the header.
    @Test func fieldsAreByteExact() throws {
        for file in Fixtures.files("mime", where: { $0.hasSuffix(".eml") || $0.hasSuffix(".msg") }) {
            let bytes = try Fixtures.bytes(file)
            let root = MessageStructure.parse(bytes).root
            let header = bytes.getSlice(at: root.headerRange.lowerBound, length: root.headerRange.count) ?? ByteBuffer()
            var end = 0
            for field in HeaderBlock(header) {
                #expect(field.range.lowerBound >= end, "\(file.lastPathComponent)")
                #expect(field.nameRange.upperBound < field.valueRange.lowerBound + 1, "\(file.lastPathComponent)")
                end = field.range.upperBound
            }
            #expect(
                header.readableBytes - end <= 2 || end == 0,
                "\(file.lastPathComponent): \(end) of \(header.readableBytes)")
        }
    }

    @Test func everyWayOfCuttingGivesTheSameStructure() throws {
        for file in Fixtures.files(
            "mime", where: { $0.hasSuffix(".eml") || $0.hasSuffix(".msg") || $0.hasPrefix("msg_") })
        {
            let bytes = try Fixtures.bytes(file)
            guard bytes.readableBytes < 20_000 else { continue }
            let whole = MessageStructure.parse(bytes)
            for size in [1, 7, 61] {
                var parser = MessageParser()
                var rest = bytes
                while let chunk = rest.readSlice(length: min(size, rest.readableBytes)), chunk.readableBytes > 0 {
                    parser.consume(chunk)
                }
                #expect(parser.finish() == whole, "\(file.lastPathComponent) in chunks of \(size)")
            }
        }
    }
}
