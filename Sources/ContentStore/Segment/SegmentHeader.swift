import Bytes
import Glibc

/// The first 64 bytes of a segment: magic, format version, number, writer, when it was begun, origin, checksum.
struct SegmentHeader {
    static let length = 64
    static let version: UInt32 = 1
    private static let magic: [UInt8] = Array("MARTLSEG".utf8)

    let number: Int64
    /// A random number that its records bear; 0 in segments older than that.
    let origin: UInt64

    static func encode(number: Int64, created: Int64, origin: UInt64) -> [UInt8] {
        var writer = RecordWriter()
        writer.bytes(magic)
        writer.integer(version)
        writer.integer(UInt32(0))
        writer.integer(number)
        writer.integer(Int64(0))
        writer.integer(created)
        writer.integer(origin)
        writer.bytes([UInt8](repeating: 0, count: length - 4 - writer.output.count))
        writer.integer(writer.output.withUnsafeBytes { CRC32C.checksum($0) })
        return writer.output
    }

    init(decoding bytes: [UInt8], name: String) throws(ContentError) {
        guard bytes.count == Self.length, Array(bytes.prefix(8)) == Self.magic else {
            throw .damaged("\(name) has no segment header")
        }
        var end = RecordReader(bytes.dropFirst(Self.length - 4))
        let checksum = Array(bytes.prefix(Self.length - 4)).withUnsafeBytes { CRC32C.checksum($0) }
        guard end.integer(UInt32.self) == checksum else { throw .damaged("the header of \(name) fails its checksum") }
        var reader = RecordReader(bytes.dropFirst(8))
        guard let found = reader.integer(UInt32.self), found <= Self.version else { throw .newerFormat(name) }
        _ = reader.integer(UInt32.self)
        number = reader.integer(Int64.self) ?? 0
        _ = reader.bytes(16)
        origin = reader.integer(UInt64.self) ?? 0
    }
}

extension ContentFolder {
    /// Refuses a segment of a newer format, and one whose header is damaged.
    package func checkSegment(_ number: Int64) throws(ContentError) { _ = try segmentHeader(number) }

    func segmentHeader(_ number: Int64) throws(ContentError) -> SegmentHeader {
        let file = try OpenSegment(segmentPath(number))
        let bytes = try FileOperations.read(file.descriptor, at: 0, length: SegmentHeader.length)
        let header = try SegmentHeader(decoding: bytes, name: segmentName(number))
        guard header.number == number else {
            throw .damaged("\(segmentName(number)) is segment \(header.number) by its header")
        }
        return header
    }

    /// Writes a damaged header anew, with the origin that the records bear.
    package func rewriteSegmentHeader(_ number: Int64, origin: UInt64) throws(ContentError) {
        let descriptor = open(segmentPath(number), O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .io("open \(segmentPath(number))", errno) }
        defer { close(descriptor) }
        try SegmentHeader.encode(number: number, created: 0, origin: origin).withRawBytes {
            bytes throws(ContentError) in try files.write(descriptor, bytes, 0)
        }
        try files.sync(descriptor)
    }
}
