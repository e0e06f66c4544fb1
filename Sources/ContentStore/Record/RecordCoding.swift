/// Writes the parts of a record.
struct RecordWriter {
    private(set) var output: [UInt8] = []

    mutating func reserve(_ count: Int) { output.reserveCapacity(output.count + count) }

    mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { output.append(contentsOf: $0) }
    }

    mutating func bytes(_ bytes: [UInt8]) { output.append(contentsOf: bytes) }

    /// Length in two bytes, then UTF-8; what does not fit is cut off.
    mutating func text(_ text: String) {
        let bytes = text.utf8.prefix(Int(UInt16.max))
        integer(UInt16(truncatingIfNeeded: bytes.count))
        output.append(contentsOf: bytes)
    }
}

/// Reads them back; nil past the end.
struct RecordReader<Input: Collection<UInt8>> {
    private var rest: Input.SubSequence

    init(_ bytes: Input) { rest = bytes[...] }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        guard let raw = bytes(MemoryLayout<Value>.size) else { return nil }
        var value: Value = 0
        for (index, byte) in raw.enumerated() {
            value |= Value(truncatingIfNeeded: UInt64(byte) << UInt64(index * 8))
        }
        return value
    }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        let taken = Array(rest.prefix(count))
        guard taken.count == count else { return nil }
        rest = rest.dropFirst(count)
        return taken
    }

    mutating func text() -> String? {
        guard let count = integer(UInt16.self), let raw = bytes(Int(count)) else { return nil }
        return String(decoding: raw, as: UTF8.self)
    }
}

extension [UInt8] {
    /// As `withUnsafeBytes`, for what throws `ContentError`.
    package func withRawBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws(ContentError) -> Result
    ) throws(ContentError) -> Result {
        try withUnsafeBufferPointer { buffer throws(ContentError) in try body(UnsafeRawBufferPointer(buffer)) }
    }
}
