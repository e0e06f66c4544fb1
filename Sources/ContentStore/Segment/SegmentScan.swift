import Glibc

/// Walks over the records of one segment without an index: what is whole, what is damaged, what is no record at all. Blocks: for
/// worker threads.
///
/// After bytes that are no record it looks for the next one: the magic number, a header that passes its checksum, and the origin of
/// the segment, without which a message that contains a segment's bytes could pass off its own as records.
package final class SegmentScan {
    package struct Record: Sendable {
        package let location: ContentLocation
        package let header: RecordHeader
        /// Empty where they cannot be read.
        package let placements: [Placement]
        /// Why it is not whole; nil if it passes every check.
        package let damage: String?
        package init(location: ContentLocation, header: RecordHeader, placements: [Placement], damage: String?) {
            self.location = location
            self.header = header
            self.placements = placements
            self.damage = damage
        }
    }

    package enum Found: Sendable {
        case record(Record)
        /// Bytes that are no record.
        case gap(Range<Int64>)
    }

    /// Where the first record of a segment begins.
    package static let firstRecord = SegmentHeader.length

    private let segment: Int64
    private let folder: ContentFolder
    private let file: OpenSegment
    private var origin: UInt64?
    private var position: Int64
    private let end: Int64

    /// What is wrong with the segment's own header; nil if nothing is.
    package let headerDamage: String?

    /// - Parameter range: where to look; by default all of the file behind its header. Begins where a record does.
    package init(_ segment: Int64, in folder: ContentFolder, range: Range<Int64>? = nil) throws(ContentError) {
        self.segment = segment
        self.folder = folder
        file = try OpenSegment(folder.segmentPath(segment))
        let length = folder.segmentLength(segment) ?? 0
        var damage: String?
        do throws(ContentError) {
            origin = try folder.segmentHeader(segment).origin
        } catch {
            guard case .damaged(let text) = error else { throw error }
            damage = text
        }
        headerDamage = damage
        position = range?.lowerBound ?? Int64(SegmentHeader.length)
        end = min(range?.upperBound ?? length, length)
    }

    /// The next record or stretch without one; nil at the end.
    package func next(with compressor: Compressor) throws(ContentError) -> Found? {
        guard position < end else { return nil }
        if let header = try header(at: position) {
            if origin == nil { origin = header.origin }
            return .record(try record(header, compressor))
        }
        let first = position
        position = try nextHeader(after: first) ?? end
        return .gap(first..<position)
    }

    private func record(_ header: RecordHeader, _ compressor: Compressor) throws(ContentError) -> Record {
        let location = ContentLocation(
            contentID: header.contentID, segment: segment, offset: position, length: Int64(header.recordLength))
        guard position + location.length <= end else {
            position = end
            return Record(location: location, header: header, placements: [], damage: "its record ends early")
        }
        position += location.length
        var placements: [Placement] = []
        do throws(ContentError) {
            let access = try ContentAccess(location, in: folder)
            placements = try access.placements()
            _ = try access.verify(with: compressor)
            return Record(location: location, header: header, placements: placements, damage: nil)
        } catch {
            guard case .damaged(let text) = error else { throw error }
            return Record(location: location, header: header, placements: placements, damage: text)
        }
    }

    private func header(at offset: Int64) throws(ContentError) -> RecordHeader? {
        guard offset + Int64(RecordHeader.length) <= end else { return nil }
        do throws(ContentError) {
            return try RecordHeader(
                decoding: FileOperations.read(file.descriptor, at: Int(offset), length: RecordHeader.length))
        } catch {
            guard case .damaged = error else { throw error }
            return nil
        }
    }

    /// Where the next header that belongs here begins.
    private func nextHeader(after first: Int64) throws(ContentError) -> Int64? {
        let step = 1 << 20
        var from = first + 1
        while from < end {
            let bytes = try FileOperations.read(
                file.descriptor, at: Int(from), length: min(step + RecordHeader.length, Int(end - from)))
            if bytes.isEmpty { return nil }
            for index in Self.magics(in: bytes) where index < step {
                guard let header = try header(at: from + Int64(index)) else { continue }
                if let origin, header.origin != origin { continue }
                // Without an origin the record must be whole to be believed.
                if header.origin == 0, try !isWhole(header, at: from + Int64(index)) { continue }
                return from + Int64(index)
            }
            from += Int64(step)
        }
        return nil
    }

    private func isWhole(_ header: RecordHeader, at offset: Int64) throws(ContentError) -> Bool {
        let location = ContentLocation(
            contentID: header.contentID, segment: segment, offset: offset, length: Int64(header.recordLength))
        guard offset + location.length <= end else { return false }
        do throws(ContentError) {
            _ = try ContentAccess(location, in: folder).placements()
            return true
        } catch {
            guard case .damaged = error else { throw error }
            return false
        }
    }

    /// Where `bytes` has the magic number of a record.
    private static func magics(in bytes: [UInt8]) -> [Int] {
        var found: [Int] = []
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, buffer.count >= 4 else { return }
            var index = 0
            while index <= buffer.count - 4, let hit = memchr(base + index, 0x4D, buffer.count - 3 - index) {
                index = hit - UnsafeMutableRawPointer(mutating: base)
                if buffer.loadUnaligned(fromByteOffset: index, as: UInt32.self).littleEndian == RecordHeader.magic {
                    found.append(index)
                }
                index += 1
            }
        }
        return found
    }
}
