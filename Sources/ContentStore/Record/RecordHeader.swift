import Bytes

/// How a record's payload is coded.
package enum ContentCodec: UInt8, Sendable {
    /// As received.
    case identity = 0
    /// One zstd frame.
    case zstd = 1
    /// zstd frames of `RecordHeader.frameSize` raw bytes each, then their stored lengths as 32-bit numbers.
    case zstdFrames = 2
}

/// The first 128 bytes of every record, in a segment or an object file. Numbers are little-endian.
///
/// | offset | bytes | what |
/// |---|---|---|
/// | 0 | 4 | magic `MRec` |
/// | 4 | 2 | format version |
/// | 6 | 1 | codec |
/// | 7 | 1 | seal: 0 none |
/// | 8 | 8 | key id of the seal |
/// | 16 | 4 | flags, 0 |
/// | 20 | 4 | length of the placements |
/// | 24 | 8 | stored length of the payload |
/// | 32 | 8 | raw length |
/// | 40 | 32 | SHA-256 of the raw bytes |
/// | 72 | 8 | received, microseconds since 1970 |
/// | 80 | 8 | content id |
/// | 88 | 4 | CRC-32C of the stored payload |
/// | 92 | 8 | origin: the random number of the segment it was written to; 0 in an object file |
/// | 100 | 24 | reserved, 0 |
/// | 124 | 4 | CRC-32C of the 124 bytes before |
///
/// Then the payload, the placements, and a CRC-32C of header and placements: together with the payload's own that covers
/// the whole record, and the writer need not read a payload again that was prepared elsewhere.
package struct RecordHeader: Hashable, Sendable {
    package static let length = 128
    package static let trailerLength = 4
    package static let version: UInt16 = 1
    /// Raw bytes of one frame of `zstdFrames`.
    package static let frameSize = 256 << 10
    static let magic: UInt32 = 0x6365_524D

    package var codec: ContentCodec
    package var seal: UInt8 = 0
    package var key: UInt64 = 0
    package var placementsLength: Int
    package var storedLength: Int
    package var rawLength: Int
    /// 32 bytes.
    package var digest: [UInt8]
    package var received: Int64
    package var contentID: Int64
    package var payloadChecksum: UInt32
    /// Tells a record from bytes in somebody's mail that look like one: who searches a damaged segment for the next record takes
    /// only those of the segment's own origin.
    package var origin: UInt64 = 0

    /// Header, payload, placements and trailer.
    package var recordLength: Int { Self.length + storedLength + placementsLength + Self.trailerLength }

    package func encoded() -> [UInt8] {
        var writer = RecordWriter()
        writer.reserve(Self.length)
        writer.integer(Self.magic)
        writer.integer(Self.version)
        writer.integer(codec.rawValue)
        writer.integer(seal)
        writer.integer(key)
        writer.integer(UInt32(0))
        writer.integer(UInt32(truncatingIfNeeded: placementsLength))
        writer.integer(UInt64(truncatingIfNeeded: storedLength))
        writer.integer(UInt64(truncatingIfNeeded: rawLength))
        writer.bytes(digest)
        writer.integer(received)
        writer.integer(contentID)
        writer.integer(payloadChecksum)
        writer.integer(origin)
        writer.bytes([UInt8](repeating: 0, count: 24))
        writer.integer(writer.output.withUnsafeBytes { CRC32C.checksum($0) })
        return writer.output
    }

    package init(
        codec: ContentCodec, placementsLength: Int, storedLength: Int, rawLength: Int, digest: [UInt8], received: Int64,
        contentID: Int64, payloadChecksum: UInt32, origin: UInt64 = 0
    ) {
        self.codec = codec
        self.placementsLength = placementsLength
        self.storedLength = storedLength
        self.rawLength = rawLength
        self.digest = digest
        self.received = received
        self.contentID = contentID
        self.payloadChecksum = payloadChecksum
        self.origin = origin
    }

    package init(decoding bytes: some Collection<UInt8>) throws(ContentError) {
        var reader = RecordReader(bytes)
        guard bytes.count >= Self.length, reader.integer(UInt32.self) == Self.magic else {
            throw .damaged("no record header")
        }
        let checked = Array(bytes.prefix(Self.length - 4))
        var end = RecordReader(bytes.dropFirst(Self.length - 4))
        guard end.integer(UInt32.self) == checked.withUnsafeBytes({ CRC32C.checksum($0) }) else {
            throw .damaged("a record header fails its checksum")
        }
        let version = reader.integer(UInt16.self) ?? 0
        guard version <= Self.version else { throw .newerFormat("a content record") }
        guard let codec = reader.integer(UInt8.self).flatMap(ContentCodec.init(rawValue:)) else {
            throw .damaged("a record has an unknown codec")
        }
        self.codec = codec
        seal = reader.integer(UInt8.self) ?? 0
        key = reader.integer(UInt64.self) ?? 0
        _ = reader.integer(UInt32.self)
        placementsLength = Int(reader.integer(UInt32.self) ?? 0)
        storedLength = Int(clamping: reader.integer(UInt64.self) ?? 0)
        rawLength = Int(clamping: reader.integer(UInt64.self) ?? 0)
        digest = reader.bytes(32) ?? []
        received = reader.integer(Int64.self) ?? 0
        contentID = reader.integer(Int64.self) ?? 0
        payloadChecksum = reader.integer(UInt32.self) ?? 0
        origin = reader.integer(UInt64.self) ?? 0
        guard seal == 0 else { throw .newerFormat("a sealed content record") }
        guard storedLength < 1 << 40, rawLength < 1 << 40, codec != .identity || rawLength == storedLength else {
            throw .damaged("a record has an impossible length")
        }
    }
}
