import Bytes
import Glibc

/// Appends records to the active segment and makes objects, one batch at a time. Belongs to the writer's thread.
///
/// `append` only collects; `flush` writes and syncs. After a failure the segment is given up: the next batch begins a new
/// file, because a sync that failed says nothing about what a second one would have to write.
package final class SegmentWriter {
    private enum Piece {
        case bytes(Range<Int>)
        /// A spooled payload that goes into the segment.
        case file(SpoolFile, length: Int)
    }

    private struct PendingObject {
        let content: PreparedContent
        let file: SpoolFile
        let id: Int64
        let header: [UInt8]
        let end: [UInt8]
    }

    /// A point that the pending records can be taken back to.
    package struct Mark {
        fileprivate let pieces: Int
        fileprivate let bytes: Int
        fileprivate let objects: Int
        fileprivate let segment: Int64
        fileprivate let end: Int
    }

    fileprivate let folder: ContentFolder
    private let limit: Int
    private let now: @Sendable () -> Int64
    private var number: Int64
    /// Of the active segment.
    private var origin: UInt64 = 0
    private var descriptor: Int32 = -1
    /// Bytes of the active segment that are committed or dead.
    private var length = 0
    /// Where the next record would go.
    private var end = 0
    private var buffer: [UInt8] = []
    private var pieces: [Piece] = []
    private var objects: [PendingObject] = []
    /// Objects linked into place whose commit is not known yet.
    private var linked: [Int64] = []
    private var isFlushed = false

    /// `limit`: bytes from which a segment is closed and a new one begun. `now`: microseconds since 1970.
    package init(folder: ContentFolder, next number: Int64, limit: Int, now: @escaping @Sendable () -> Int64) {
        self.folder = folder
        self.number = number
        self.limit = limit
        self.now = now
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The data folder.
    package var directory: String { folder.path }

    /// The segment that takes records now.
    package var activeSegment: Int64 { number }

    /// Goes on with a segment whose last record ends where the file does.
    package func resume(_ number: Int64, length: Int) throws(ContentError) {
        let header = try folder.segmentHeader(number)
        let opened = open(folder.segmentPath(number), O_RDWR | O_CLOEXEC)
        guard opened >= 0 else { throw .io("open \(folder.segmentPath(number))", errno) }
        self.number = number
        origin = header.origin
        descriptor = opened
        self.length = length
        end = length
    }

    package var mark: Mark {
        Mark(pieces: pieces.count, bytes: buffer.count, objects: objects.count, segment: number, end: end)
    }

    /// Forgets what was appended since.
    package func takeBack(to mark: Mark) {
        pieces.removeSubrange(mark.pieces...)
        buffer.removeSubrange(mark.bytes...)
        objects.removeSubrange(mark.objects...)
        // A segment that was begun since holds nothing but its header.
        end = mark.segment == number && mark.end > 0 ? mark.end : length
        // Bytes after the mark may have been merged into the piece before it.
        if let last = pieces.last, case .bytes(let range) = last, range.upperBound > mark.bytes {
            pieces[pieces.count - 1] = .bytes(range.lowerBound..<mark.bytes)
        }
    }

    /// Plans a record; nothing is written yet.
    package func append(
        _ content: PreparedContent, id: Int64, received: Int64, placements: [Placement]
    ) throws(ContentError) -> ContentLocation {
        let places = folder.seal.seal(Placement.encode(placements))
        if !content.isObject { try begin() }
        let header = RecordHeader(
            codec: content.codec, placementsLength: places.count, storedLength: content.storedLength,
            rawLength: content.rawLength, digest: content.digest, received: received, contentID: id,
            payloadChecksum: content.payloadChecksum, origin: content.isObject ? 0 : origin)
        let start = header.encoded()
        var checksum = start.withUnsafeBytes { CRC32C.checksum($0) }
        checksum = places.withUnsafeBytes { CRC32C.checksum($0, seed: checksum) }
        if content.isObject, case .spool(let file) = content.payload {
            let end = places + withUnsafeBytes(of: checksum.littleEndian, Array.init)
            objects.append(PendingObject(content: content, file: file, id: id, header: start, end: end))
            return ContentLocation(contentID: id, segment: 0, offset: 0, length: Int64(header.recordLength))
        }
        let offset = end
        add(start)
        switch content.payload {
        case .memory(let bytes): add(bytes)
        case .spool(let file): pieces.append(.file(file, length: content.storedLength))
        }
        add(places)
        withUnsafeBytes(of: checksum.littleEndian) { add(Array($0)) }
        end += header.recordLength
        return ContentLocation(
            contentID: id, segment: number, offset: Int64(offset), length: Int64(header.recordLength))
    }

    private func add(_ bytes: [UInt8]) {
        let first = buffer.count
        buffer.append(contentsOf: bytes)
        if let last = pieces.last, case .bytes(let range) = last {
            pieces[pieces.count - 1] = .bytes(range.lowerBound..<buffer.count)
        } else {
            pieces.append(.bytes(first..<buffer.count))
        }
    }

    /// Sees to an open segment with room; only between batches does it change.
    private func begin() throws(ContentError) {
        if descriptor >= 0, end < limit || !pieces.isEmpty { return }
        if descriptor >= 0 {
            close(descriptor)
            descriptor = -1
            number += 1
        }
        let path = folder.segmentPath(number)
        origin = UInt64.random(in: 1...UInt64.max)
        do throws(ContentError) {
            descriptor = try folder.files.create(path)
            try SegmentHeader.encode(number: number, created: now(), origin: origin).withRawBytes {
                bytes throws(ContentError) in try folder.files.write(descriptor, bytes, 0)
            }
            try folder.files.sync(descriptor)
            try folder.files.syncDirectory(folder.path + "/content")
        } catch {
            // Nothing can refer to it; left there, each refused message would take some of a full disk.
            if descriptor >= 0 { unlink(path) }
            abandon()
            throw error
        }
        length = SegmentHeader.length
        end = length
    }

    /// Writes and syncs what was appended. On return it may be referred to by a commit.
    package func flush() throws(ContentError) {
        do throws(ContentError) {
            try flushObjects()
            if !pieces.isEmpty {
                var offset = length
                for piece in pieces {
                    switch piece {
                    case .bytes(let range):
                        try buffer.withRawBytes { bytes throws(ContentError) in
                            try folder.files.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[range]), offset)
                        }
                        offset += range.count
                    case .file(let file, let count):
                        try copy(file, count, to: offset)
                        offset += count
                    }
                }
                try folder.files.sync(descriptor)
            }
            isFlushed = true
        } catch {
            let isFresh = descriptor >= 0 && length == SegmentHeader.length
            rollBack()
            if isFresh { folder.removeSegment(number) }
            abandon()
            throw error
        }
    }

    private func copy(_ file: SpoolFile, _ count: Int, to target: Int) throws(ContentError) {
        var done = 0
        while done < count {
            let piece = try FileOperations.read(
                file.descriptor, at: RecordHeader.length + done, length: min(1 << 20, count - done))
            guard !piece.isEmpty else { throw .io("read \(file.path)", EIO) }
            try piece.withRawBytes { bytes throws(ContentError) in
                try folder.files.write(descriptor, bytes, target + done)
            }
            done += piece.count
        }
    }

    private func flushObjects() throws(ContentError) {
        for object in objects {
            try object.header.withRawBytes { bytes throws(ContentError) in
                try folder.files.write(object.file.descriptor, bytes, 0)
            }
            try object.end.withRawBytes { bytes throws(ContentError) in
                try folder.files.write(object.file.descriptor, bytes, RecordHeader.length + object.content.storedLength)
            }
            try folder.files.sync(object.file.descriptor)
            // Linked rather than linked: if the commit fails, the spool file is still there for another try.
            try folder.files.link(object.file.path, folder.objectPath(object.id))
            linked.append(object.id)
        }
        if !objects.isEmpty { try folder.files.syncDirectory(folder.path + "/objects") }
    }

    /// The commit succeeded.
    package func committed() {
        length = end
        forget()
    }

    /// The batch was rolled back: its records are dead space, its objects are removed. `keepsObjects`: nobody knows whether it
    /// was rolled back, so they stay for the next opening to judge.
    package func rollBack(keepsObjects: Bool = false) {
        if !keepsObjects { for id in linked { folder.removeObject(id) } }
        // Records that reached the file stay as dead space: should the commit have happened after all, they are needed.
        if isFlushed { length = end } else { end = length }
        forget()
    }

    private func forget() {
        isFlushed = false
        buffer.removeAll(keepingCapacity: buffer.capacity <= 16 << 20)
        pieces.removeAll(keepingCapacity: true)
        objects.removeAll()
        linked.removeAll()
    }

    /// Gives up the active segment; the next append begins a new one.
    package func abandon() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        number += 1
        length = 0
        end = 0
    }
}

extension SegmentWriter {
    /// An object whose last reference has gone with a commit.
    package func removeObject(_ contentID: Int64) { folder.removeObject(contentID) }
}
