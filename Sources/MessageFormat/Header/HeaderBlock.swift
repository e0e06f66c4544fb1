import Bytes
package import NIOCore

/// A header as it stands in a message; its fields are found when asked for and never copied.
///
/// Give it the bytes of a part's `headerRange`; it stops at the blank line.
package struct HeaderBlock: Sendable, Sequence {
    package let bytes: ByteBuffer

    package init(_ bytes: ByteBuffer) {
        self.bytes = bytes
    }

    package func makeIterator() -> Iterator { Iterator(bytes: bytes) }

    /// The first field called `name`, compared without case.
    package func first(named name: String) -> HeaderField? {
        first { $0.isNamed(name) }
    }

    /// All fields called `name`, in order.
    package func fields(named name: String) -> [HeaderField] {
        filter { $0.isNamed(name) }
    }

    /// The fields whose name is among `names`, or with `excluding` those whose name is not, byte for byte as they
    /// stand, with the blank line that ends a header: HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 9051 §6.4.5.1).
    package func selecting(_ names: [String], excluding: Bool = false) -> ByteBuffer {
        var output = ByteBuffer()
        let wanted = names.map { Array($0.utf8) }
        bytes.withUnsafeReadableBytes { raw in
            var scanner = FieldScanner()
            while let field = scanner.next(in: raw) {
                let name = UnsafeRawBufferPointer(rebasing: raw[field.start..<field.nameEnd])
                guard !name.isEmpty else { continue }
                let isListed = wanted.contains { HeaderField.equal($0, name) }
                guard isListed != excluding else { continue }
                output.writeBytes(UnsafeRawBufferPointer(rebasing: raw[field.start..<field.end]))
                if raw[field.end - 1] != ASCII.lf { output.writeStaticString("\r\n") }
            }
        }
        output.writeStaticString("\r\n")
        return output
    }

    package struct Iterator: IteratorProtocol {
        let bytes: ByteBuffer
        var scanner = FieldScanner()

        package mutating func next() -> HeaderField? {
            var scanner = scanner
            defer { self.scanner = scanner }
            while let ranges = bytes.withUnsafeReadableBytes({ scanner.next(in: $0) }) {
                if ranges.nameEnd > ranges.start { return HeaderField(block: bytes, ranges: ranges) }
            }
            return nil
        }
    }
}

/// One field of a header.
package struct HeaderField: Sendable {
    let block: ByteBuffer
    /// The whole field with its line end, as offsets into the block.
    package let range: Range<Int>
    /// The name, as offsets into the block.
    package let nameRange: Range<Int>
    /// What follows the colon, up to and without the last line end, as offsets into the block.
    package let valueRange: Range<Int>

    init(block: ByteBuffer, ranges: FieldRanges) {
        self.block = block
        range = ranges.start..<ranges.end
        nameRange = ranges.start..<ranges.nameEnd
        valueRange = ranges.valueStart..<ranges.valueEnd
    }

    /// The name as written.
    package var name: String { block.piece(nameRange).text }
    /// The value as it stands: folded, with the blank that usually follows the colon.
    package var rawValue: ByteBuffer { block.piece(valueRange) }
    /// The value on one line, trimmed, encoded words left as they are.
    package var unfoldedValue: ByteBuffer {
        block.withUnsafeReadableBytes { Unfolding.unfold(block, $0, valueRange) }
    }
    /// The value for people: unfolded, encoded words decoded (RFC 2047).
    package var decodedValue: String { EncodedWord.decode(unfoldedValue) }

    package func isNamed(_ name: String) -> Bool {
        block.withUnsafeReadableBytes { raw in
            let own = UnsafeRawBufferPointer(rebasing: raw[nameRange])
            return own.count == name.utf8.count
                && zip(own, name.utf8).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
        }
    }

    static func equal(_ left: [UInt8], _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index].asciiLowercased != right[index].asciiLowercased { return false }
        return true
    }
}
