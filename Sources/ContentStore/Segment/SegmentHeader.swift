import Bytes

/// The first 64 bytes of a segment: magic, format version, number, writer, when it was begun, checksum.
enum SegmentHeader {
    static let length = 64
    static let version: UInt32 = 1
    private static let magic: [UInt8] = Array("MARTLSEG".utf8)

    static func encode(number: Int64, created: Int64) -> [UInt8] {
        var writer = RecordWriter()
        writer.bytes(magic)
        writer.integer(version)
        writer.integer(UInt32(0))
        writer.integer(number)
        writer.integer(Int64(0))
        writer.integer(created)
        writer.bytes([UInt8](repeating: 0, count: length - 4 - writer.output.count))
        writer.integer(writer.output.withUnsafeBytes { CRC32C.checksum($0) })
        return writer.output
    }

    static func check(_ bytes: [UInt8], name: String) throws(ContentError) {
        guard bytes.count == length, Array(bytes.prefix(8)) == magic else { throw .damaged("\(name) is no segment") }
        var end = RecordReader(bytes.dropFirst(length - 4))
        let checksum = Array(bytes.prefix(length - 4)).withUnsafeBytes { CRC32C.checksum($0) }
        guard end.integer(UInt32.self) == checksum else { throw .damaged("the header of \(name) fails its checksum") }
        var reader = RecordReader(bytes.dropFirst(8))
        guard let found = reader.integer(UInt32.self), found <= version else { throw .newerFormat(name) }
    }
}

extension ContentFolder {
    /// Refuses a segment of a newer format.
    package func checkSegment(_ number: Int64) throws(ContentError) {
        let file = try OpenSegment(segmentPath(number))
        let bytes = try FileOperations.read(file.descriptor, at: 0, length: SegmentHeader.length)
        try SegmentHeader.check(bytes, name: segmentPath(number))
    }
}
