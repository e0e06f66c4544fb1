import ContentStore
import Foundation
import Testing

@Suite struct SegmentScanTests {
    private let path = NSTemporaryDirectory() + "martlet-scan-" + UUID().uuidString
    private let compressor = Compressor()

    private func prepare(_ bytes: [UInt8], _ folder: ContentFolder) throws -> PreparedContent {
        try bytes.withUnsafeBytes { try ContentIntake(folder: folder).finish($0, with: compressor) }
    }

    /// A segment with a record of each content, ids counting from 1.
    private func segment(_ contents: [[UInt8]]) throws -> (ContentFolder, [ContentLocation]) {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let folder = try ContentFolder(path: path, objectThreshold: 4 << 20)
        let writer = SegmentWriter(folder: folder, next: 1, limit: 1 << 30, now: { 1 })
        var locations: [ContentLocation] = []
        for (index, bytes) in contents.enumerated() {
            let placement = Placement(
                kind: .folder, account: 1, item: Int64(index), received: 1, saved: 2, envelopeSender: "a",
                envelopeRecipient: "b")
            locations.append(
                try writer.append(prepare(bytes, folder), id: Int64(index + 1), received: 3, placements: [placement]))
        }
        try writer.flush()
        writer.committed()
        return (folder, locations)
    }

    private func edit(_ body: (inout [UInt8]) -> Void) throws {
        let url = URL(filePath: path + "/content/00000001.seg")
        var bytes = Array(try Data(contentsOf: url))
        body(&bytes)
        try Data(bytes).write(to: url)
    }

    /// Ids of whole records, ids of damaged ones, gaps.
    private func scan(_ folder: ContentFolder) throws -> ([Int64], [Int64], [Range<Int64>]) {
        let scan = try SegmentScan(1, in: folder)
        var (whole, damaged, gaps): ([Int64], [Int64], [Range<Int64>]) = ([], [], [])
        while let found = try scan.next(with: compressor) {
            switch found {
            case .record(let record) where record.damage == nil: whole.append(record.location.contentID)
            case .record(let record): damaged.append(record.location.contentID)
            case .gap(let range): gaps.append(range)
            }
        }
        return (whole, damaged, gaps)
    }

    private let texts = (0..<4).map { number in
        Array("Subject: \(number)\r\n\r\n".utf8) + [UInt8](repeating: 65, count: 700)
    }

    @Test func wholeSegmentHasNoGaps() throws {
        let (folder, locations) = try segment(texts)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let found = try scan(folder)
        #expect(found == ([1, 2, 3, 4], [], []))
        let scan = try SegmentScan(1, in: folder)
        guard case .record(let record)? = try scan.next(with: compressor) else { Issue.record("no record"); return }
        #expect(record.location == locations[0])
        #expect(record.placements.map(\.item) == [0])
    }

    @Test func flippedBitsAreFound() throws {
        let (folder, locations) = try segment(texts)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let length = Int(locations[3].offset + locations[3].length)
        for bit in stride(from: 0, to: length * 8, by: 29) {
            try edit { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
            let segment = try SegmentScan(1, in: folder)
            let (whole, damaged, gaps) = try scan(folder)
            if bit / 8 < 64 {
                #expect(segment.headerDamage != nil)
                #expect(whole == [1, 2, 3, 4])
            } else {
                #expect(whole.count == 3, "bit \(bit)")
                #expect(damaged.count + gaps.count == 1, "bit \(bit)")
            }
            try edit { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
        }
    }

    @Test func truncatedRecordIsDamaged() throws {
        let (folder, _) = try segment(texts)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try edit { $0.removeLast(10) }
        #expect(try scan(folder) == ([1, 2, 3], [4], []))
    }

    /// Somebody sends a message that contains a record; then the record around it is damaged.
    @Test func recordsInsideMailAreNotBelieved() throws {
        let (_, locations) = try segment(texts)
        let forged = Array(try Data(contentsOf: URL(filePath: path + "/content/00000001.seg")))[
            Int(locations[0].offset)...]
        try FileManager.default.removeItem(atPath: path)
        // Too irregular to be compressed, so the forged records stand in the segment as they are.
        let noise = (0..<4000).map { _ in UInt8.random(in: 0...255) }
        let (folder, outer) = try segment([texts[0], noise + Array(forged), texts[1]])
        defer { try? FileManager.default.removeItem(atPath: path) }
        try edit { $0[Int(outer[1].offset) + 30] ^= 1 }
        #expect(try scan(folder) == ([1, 3], [], [outer[1].offset..<outer[2].offset]))
    }
}
