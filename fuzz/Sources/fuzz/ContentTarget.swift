import Bytes
import ContentStore
import Glibc

/// A content record with true checksums and untrue contents: what a fault in an older version could leave behind.
///
/// Two bytes choose codec and lengths, the rest is payload and placements.
enum ContentTarget {
    private static let folder: ContentFolder? = {
        var template = Array("/dev/shm/martlet-fuzz-XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        let path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return try? ContentFolder(path: path, objectThreshold: 1 << 20)
    }()

    static func run(_ bytes: [UInt8]) {
        _ = try? Placement.decode(bytes)
        _ = try? RecordHeader(decoding: bytes)
        if let placements = try? Placement.decode(bytes) {
            expect(
                (try? Placement.decode(Placement.encode(placements))) == placements,
                "placements change when they are stored")
        }
        guard bytes.count > 4, let codec = ContentCodec(rawValue: bytes[0] % 3), let folder else { return }
        let split = min(bytes.count - 4, Int(bytes[1]))
        let payload = Array(bytes[4..<(4 + split)])
        let places = Array(bytes[(4 + split)...])
        // Raw lengths: small ones exactly, larger ones around the frame size and beyond.
        let raw = bytes[2] < 200 ? payload.count + Int(bytes[2]) - Int(bytes[3]) : (Int(bytes[3]) << 12) + Int(bytes[2])
        let header = RecordHeader(
            codec: codec, placementsLength: places.count, storedLength: payload.count, rawLength: max(0, raw),
            digest: [UInt8](repeating: 0, count: 32), received: 0, contentID: 1,
            payloadChecksum: payload.withUnsafeBytes { CRC32C.checksum($0) })
        read(header, payload, places, folder)
    }

    private static func read(_ header: RecordHeader, _ payload: [UInt8], _ places: [UInt8], _ folder: ContentFolder) {
        let front = header.encoded()
        var checksum = front.withUnsafeBytes { CRC32C.checksum($0) }
        checksum = places.withUnsafeBytes { CRC32C.checksum($0, seed: checksum) }
        let trailer = withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
        let record = front + payload + places + trailer
        guard let file = fopen(folder.objectPath(1), "w") else { return }
        record.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, file) }
        fclose(file)

        let location = ContentLocation(contentID: 1, segment: 0, offset: 0, length: Int64(record.count))
        guard let access = try? ContentAccess(location, in: folder) else { return }
        let compressor = Compressor()
        for (offset, length) in [(0, Int.max), (0, 10), (header.rawLength / 2, 5), (Int.max, 1), (-1, -1)] {
            _ = try? access.read(at: offset, length: length, with: compressor)
        }
        _ = try? access.verify(with: compressor)
    }
}
