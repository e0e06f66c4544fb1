import Bytes
import Crypto
import Glibc

@testable import ContentStore

/// A segment with records between other bytes: what a walk without an index makes of it.
///
/// The input is a script: a byte says what comes next, one or two how much of the input it takes.
enum SegmentTarget {
    private static let origin: UInt64 = 0x0102_0304_0506_0708
    private static let folder: ContentFolder? = {
        var template = Array("/dev/shm/martlet-fuzz-XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        let path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return try? ContentFolder(path: path, objectThreshold: 1 << 20)
    }()

    static func run(_ bytes: [UInt8]) {
        guard let folder else { return }
        _ = try? SegmentHeader(decoding: bytes, name: "segment")
        var script = Script(bytes)
        script.build()
        guard let file = fopen(folder.segmentPath(1), "w") else { return }
        script.output.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, file) }
        fclose(file)
        walk(folder, script)
    }

    private static func walk(_ folder: ContentFolder, _ script: Script) {
        let compressor = Compressor()
        guard let scan = try? SegmentScan(1, in: folder) else { return }
        var position = Int64(SegmentHeader.length)
        var found: Set<Int64> = []
        for _ in 0...script.output.count {
            guard let next = try? scan.next(with: compressor) else {
                expect(position >= Int64(script.output.count) || !script.isReadable, "the walk ends at \(position)")
                if script.isHonest {
                    expect(
                        found.isSuperset(of: script.whole), "whole records are not found: \(script.whole) of \(found)")
                }
                return
            }
            switch next {
            case .record(let record):
                expect(
                    record.location.offset == position, "a record begins at \(record.location.offset), not \(position)")
                position = min(position + record.location.length, Int64(script.output.count))
                if record.damage == nil { found.insert(record.location.contentID) }
            case .gap(let range):
                expect(
                    range.lowerBound == position && !range.isEmpty,
                    "a gap begins at \(range.lowerBound), not \(position)")
                position = range.upperBound
            }
        }
        fail("the walk does not end")
    }

    private struct Script {
        private var rest: ArraySlice<UInt8>
        private(set) var output: [UInt8] = []
        /// Ids of records that are as they should be.
        private(set) var whole: Set<Int64> = []
        /// Whether no header tells lies with a true checksum.
        private(set) var isHonest = true
        /// Whether every format is known.
        private(set) var isReadable = true

        init(_ bytes: [UInt8]) { rest = bytes[...] }

        private mutating func take(_ count: Int) -> [UInt8] {
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }

        mutating func build() {
            output = SegmentHeader.encode(number: 1, created: 1, origin: origin)
            var id: Int64 = 1
            while let choice = rest.popFirst() {
                let count = Int(rest.popFirst() ?? 0)
                switch choice % 6 {
                case 0: output += take(count)
                // A piece of a header, as damage leaves it.
                case 1:
                    output += SegmentTarget.record(take(count), id: 1000, origin: origin).prefix(
                        min(Int(choice) + 3, RecordHeader.length - 1))
                case 2:
                    // Somebody's mail that contains a record.
                    let inner = SegmentTarget.record(take(count), id: 2000, origin: 7)
                    output += SegmentTarget.record(inner, id: id, origin: origin)
                    whole.insert(id)
                case 3:
                    isHonest = false
                    let (stored, raw) = (Int(rest.popFirst() ?? 0) << Int(choice / 8), count << Int(choice / 8))
                    output += SegmentTarget.record(
                        take(count), id: 3000, origin: origin, stored: stored, raw: raw, codec: choice / 64)
                case 4 where !output.isEmpty:
                    // A flipped bit somewhere behind the segment's header.
                    let place = SegmentHeader.length + count * 7
                    guard place < output.count else { continue }
                    output[place] ^= 1 << (choice / 32)
                    whole = []
                default:
                    output += SegmentTarget.record(take(count), id: id, origin: origin)
                    whole.insert(id)
                }
                id += 1
                if output.count > 1 << 16 { return }
            }
        }
    }

    private static func record(
        _ payload: [UInt8], id: Int64, origin: UInt64, stored: Int? = nil, raw: Int? = nil, codec: UInt8 = 0
    ) -> [UInt8] {
        let places = Placement.encode([])
        let digest = Array(SHA256.hash(data: payload))
        let header = RecordHeader(
            codec: ContentCodec(rawValue: codec) ?? .identity, placementsLength: places.count,
            storedLength: stored ?? payload.count, rawLength: raw ?? payload.count, digest: digest, received: 0,
            contentID: id, payloadChecksum: payload.withUnsafeBytes { CRC32C.checksum($0) }, origin: origin)
        let front = header.encoded()
        var checksum = front.withUnsafeBytes { CRC32C.checksum($0) }
        checksum = places.withUnsafeBytes { CRC32C.checksum($0, seed: checksum) }
        return front + payload + places + withUnsafeBytes(of: checksum.littleEndian) { Array($0) }
    }
}
