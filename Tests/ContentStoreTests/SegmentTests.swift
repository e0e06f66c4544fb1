import ContentStore
import Foundation
import Testing

@Suite struct SegmentTests {
    private let path: String
    private let compressor = Compressor()

    init() { path = NSTemporaryDirectory() + "martlet-content-" + UUID().uuidString }

    private func folder(objectThreshold: Int = 4 << 20) throws -> ContentFolder {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return try ContentFolder(path: path, objectThreshold: objectThreshold)
    }

    private func prepare(_ bytes: [UInt8], _ folder: ContentFolder) throws -> PreparedContent {
        var intake = ContentIntake(folder: folder)
        let all = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { all.deallocate() }
        all.copyBytes(from: bytes)
        var rest = UnsafeRawBufferPointer(all)
        while rest.count > RecordHeader.frameSize {
            try intake.append(UnsafeRawBufferPointer(rebasing: rest.prefix(RecordHeader.frameSize)), with: compressor)
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(RecordHeader.frameSize))
        }
        return try intake.finish(rest, with: compressor)
    }

    private func text(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: 65 + $0 / 7 % 13) } }
    private func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255) } }

    private func writer(_ folder: ContentFolder, limit: Int = 1 << 30) -> SegmentWriter {
        SegmentWriter(folder: folder, next: 1, limit: limit, now: { 1 })
    }

    @Test(arguments: [(0, false), (100, false), (10_000, false), (10_000, true), (700_000, false), (700_000, true)])
    func everyCodecComesBack(_ size: Int, _ isNoise: Bool) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = isNoise ? noise(size) : text(size)
        let content = try prepare(bytes, folder)
        let expected: ContentCodec =
            size < 512 || isNoise ? .identity : size > RecordHeader.frameSize ? .zstdFrames : .zstd
        #expect(content.codec == expected)
        #expect(try content.read(at: 0, length: size, with: compressor) == bytes)
        let writer = writer(folder)
        let placement = Placement(kind: .queue, received: 1, saved: 2, envelopeSender: "a", envelopeRecipient: "b")
        let first = try writer.append(content, id: 7, received: 3, placements: [placement])
        let second = try writer.append(content, id: 8, received: 3, placements: [])
        try writer.flush()
        writer.committed()
        #expect(second.offset == first.offset + first.length)
        for location in [first, second] {
            let access = try ContentAccess(location, in: folder)
            #expect(access.header.rawLength == size)
            #expect(try access.read(at: 0, length: size, with: compressor) == bytes)
            #expect(try access.verify(with: compressor) == (location == first ? [placement] : []))
            if size > 0 {
                let offset = size / 3
                #expect(try access.read(at: offset, length: size, with: compressor) == Array(bytes[offset...]))
                #expect(try access.read(at: offset, length: 5, with: compressor) == Array(bytes[offset..<offset + 5]))
            }
            #expect(try access.read(at: size, length: 5, with: compressor) == [])
        }
    }

    @Test func largeContentBecomesAnObject() throws {
        let folder = try folder(objectThreshold: 300_000)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bytes = noise(700_000)
        let writer = writer(folder)
        var location = ContentLocation(contentID: 0, segment: 0, offset: 0, length: 0)
        do {
            location = try writer.append(prepare(bytes, folder), id: 5, received: 0, placements: [])
            try writer.flush()
            writer.committed()
        }
        #expect(location.isObject)
        #expect(folder.objects() == [5])
        let access = try ContentAccess(location, in: folder)
        #expect(try access.read(at: 0, length: 700_000, with: compressor) == bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/spool").isEmpty)
    }

    @Test func takingBackLeavesTheRest() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = writer(folder)
        let kept = try prepare(text(5000), folder)
        let first = try writer.append(kept, id: 1, received: 0, placements: [])
        let mark = writer.mark
        _ = try writer.append(prepare(text(9000), folder), id: 2, received: 0, placements: [])
        _ = try writer.append(prepare(noise(400_000), folder), id: 3, received: 0, placements: [])
        writer.takeBack(to: mark)
        let second = try writer.append(kept, id: 4, received: 0, placements: [])
        #expect(second.offset == first.offset + first.length)
        try writer.flush()
        writer.committed()
        for location in [first, second] {
            _ = try ContentAccess(location, in: folder).verify(with: compressor)
        }
        #expect(folder.segmentLength(1) == second.offset + second.length)
    }

    @Test func takingBackTheFirstRecordOfASegment() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = writer(folder, limit: 500)
        var locations: [ContentLocation] = []
        for id in 1...2 {
            let mark = writer.mark
            _ = try writer.append(prepare(noise(700), folder), id: Int64(id + 10), received: 0, placements: [])
            writer.takeBack(to: mark)
            locations.append(try writer.append(prepare(noise(600), folder), id: Int64(id), received: 0, placements: []))
            try writer.flush()
            writer.committed()
        }
        #expect(locations.map(\.offset) == [64, 64])
        #expect(locations.map(\.segment) == [1, 2])
        for location in locations { _ = try ContentAccess(location, in: folder).verify(with: compressor) }
    }

    @Test func fullSegmentsAreClosed() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = writer(folder, limit: 1000)
        var locations: [ContentLocation] = []
        for id in 1...4 {
            locations.append(try writer.append(prepare(noise(600), folder), id: Int64(id), received: 0, placements: []))
            try writer.flush()
            writer.committed()
        }
        #expect(locations.map(\.segment) == [1, 1, 2, 2])
        for location in locations { _ = try ContentAccess(location, in: folder).verify(with: compressor) }
    }

    @Test func lockNamesItsOwner() throws {
        let first = try DataFolderLock(folder: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(
            performing: { try DataFolderLock(folder: path) },
            throws: { error in
                (error as? DataFolderLock.Taken)?.owner == getpid()
            })
        first.release()
        try DataFolderLock(folder: path).release()
    }
}
