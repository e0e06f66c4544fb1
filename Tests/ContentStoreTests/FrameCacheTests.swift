import Foundation
import Testing

@testable import ContentStore

@Suite struct FrameCacheTests {
    private func key(_ frame: Int) -> FrameCache.Key {
        FrameCache.Key(location: ContentLocation(contentID: 1, segment: 1, offset: 0, length: 1), frame: frame)
    }

    @Test func theOldestGoesFirst() {
        let cache = FrameCache(limit: 250)
        for frame in 0..<2 { cache.add([UInt8](repeating: UInt8(frame), count: 100), for: key(frame)) }
        #expect(cache[key(0)]?.count == 100)
        cache.add([UInt8](repeating: 2, count: 100), for: key(2))
        #expect(cache[key(1)] == nil)
        #expect(cache[key(0)]?.first == 0)
        #expect(cache[key(2)]?.first == 2)
        #expect(cache.size == 200)
        cache.add([UInt8](repeating: 3, count: 251), for: key(3))
        #expect(cache[key(3)] == nil)
    }

    /// Readers of large contents hold nothing themselves.
    @Test func readersShareWhatTheyRead() throws {
        let path = NSTemporaryDirectory() + "martlet-frames-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try ContentFolder(path: path, objectThreshold: 4 << 20)
        let writer = SegmentWriter(folder: folder, next: 1, limit: 1 << 30, now: { 1 })
        let compressor = Compressor()
        let bytes = (0..<RecordHeader.frameSize + 1000).map { UInt8(truncatingIfNeeded: $0 / 100) }
        let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { raw.deallocate() }
        raw.copyBytes(from: bytes)
        var intake = ContentIntake(folder: folder)
        try intake.append(UnsafeRawBufferPointer(rebasing: raw[..<RecordHeader.frameSize]), with: compressor)
        let prepared = try intake.finish(
            UnsafeRawBufferPointer(rebasing: raw[RecordHeader.frameSize...]), with: compressor)
        let placement = Placement(
            kind: .folder, account: 1, item: 1, received: 1, saved: 2, envelopeSender: "a", envelopeRecipient: "b")
        let location = try writer.append(prepared, id: 1, received: 3, placements: [placement])
        try writer.flush()
        writer.committed()
        for _ in 0..<10 {
            let access = try ContentAccess(location, in: folder)
            for offset in stride(from: 0, to: bytes.count, by: 50_000) {
                let expected = bytes[offset..<min(offset + 50_000, bytes.count)]
                #expect(try access.read(at: offset, length: 50_000, with: compressor) == Array(expected))
            }
        }
        #expect(folder.frames.size == bytes.count)
        // What verifies must look at the disk.
        let segment = URL(filePath: folder.segmentPath(1))
        var stored = try Data(contentsOf: segment)
        stored[Int(location.offset) + RecordHeader.length + 20] ^= 0x40
        try stored.write(to: segment)
        let access = try ContentAccess(location, in: ContentFolder(path: path, objectThreshold: 4 << 20))
        #expect(throws: ContentError.self) { try access.verify(with: compressor) }
    }
}
