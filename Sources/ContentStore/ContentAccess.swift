import Bytes
import Crypto

/// Reads one record. Small ones are read at once; of large ones, only the frames asked for. Blocks: for worker threads.
/// Used by one caller at a time.
package final class ContentAccess {
    package let header: RecordHeader
    private let file: OpenSegment
    private let folder: ContentFolder
    /// Of the payload in the file.
    private let start: Int
    /// Starts of the frames of `zstdFrames`, and their end.
    private var frames: [Int] = []
    private let location: ContentLocation
    /// Whether bytes must come from the disk.
    private var isVerifying = false

    package init(_ location: ContentLocation, in folder: ContentFolder) throws(ContentError) {
        self.folder = folder
        self.location = location
        file = try folder.descriptor(for: location)
        header = try RecordHeader(
            decoding: FileOperations.read(file.descriptor, at: Int(location.offset), length: RecordHeader.length))
        guard header.contentID == location.contentID, header.recordLength == location.length else {
            throw .damaged("content \(location.contentID) is not where the index says")
        }
        start = Int(location.offset) + RecordHeader.length
        if header.codec == .zstdFrames { frames = try frameStarts() }
    }

    /// A large record in a file of its own, without an index that says how long it is.
    package convenience init(object id: Int64, in folder: ContentFolder) throws(ContentError) {
        let file = try OpenSegment(folder.objectPath(id))
        let header = try RecordHeader(
            decoding: FileOperations.read(file.descriptor, at: 0, length: RecordHeader.length))
        try self.init(
            ContentLocation(contentID: id, segment: 0, offset: 0, length: Int64(header.recordLength)), in: folder)
    }

    private var frameCount: Int { (header.rawLength + RecordHeader.frameSize - 1) / RecordHeader.frameSize }

    private func frameStarts() throws(ContentError) -> [Int] {
        let table = frameCount * 4
        guard table <= header.storedLength else { throw .damaged("content \(header.contentID) has no frame table") }
        var reader = RecordReader(
            try FileOperations.read(file.descriptor, at: start + header.storedLength - table, length: table))
        var starts = [0]
        for _ in 0..<frameCount {
            guard let length = reader.integer(UInt32.self) else {
                throw .damaged("content \(header.contentID) ends early")
            }
            starts.append(starts[starts.count - 1] + Int(length))
        }
        guard starts[starts.count - 1] + table == header.storedLength else {
            throw .damaged("content \(header.contentID) has a wrong frame table")
        }
        return starts
    }

    /// Whether the whole content is small enough to be given at once, and to be held for a client that takes it slowly.
    package var isSmall: Bool { header.rawLength <= Self.singleReadSize }

    private static let singleReadSize = 64 << 10
    /// Whether it is stored in one piece.
    private var isOneFrame: Bool { header.rawLength <= RecordHeader.frameSize }

    /// Up to `length` raw bytes from `offset`.
    package func read(at offset: Int, length: Int, with compressor: Compressor) throws(ContentError) -> [UInt8] {
        let first = min(max(offset, 0), header.rawLength)
        let end = first + min(max(length, 0), header.rawLength - first)
        switch header.codec {
        case .identity where !isOneFrame:
            let bytes = try FileOperations.read(file.descriptor, at: start + first, length: end - first)
            guard bytes.count == end - first else { throw .damaged("content \(header.contentID) ends early") }
            return bytes
        case .identity, .zstd:
            let all = try whole(compressor)
            return first == 0 && end == all.count ? all : Array(all[first..<end])
        case .zstdFrames:
            var result: [UInt8] = []
            result.reserveCapacity(end - first)
            var position = first
            while position < end {
                let number = position / RecordHeader.frameSize
                let bytes = try frame(number, compressor)
                let from = position - number * RecordHeader.frameSize
                let to = min(bytes.count, end - number * RecordHeader.frameSize)
                guard from < to else { throw .damaged("content \(header.contentID) ends early") }
                result.append(contentsOf: bytes[from..<to])
                position += to - from
            }
            return result
        }
    }

    private func whole(_ compressor: Compressor) throws(ContentError) -> [UInt8] {
        let key = FrameCache.Key(location: location, frame: 0)
        if !isVerifying, let known = folder.frames[key] { return known }
        let stored = folder.seal.open(
            try FileOperations.read(file.descriptor, at: start, length: header.storedLength))
        guard stored.count == header.storedLength,
            stored.withUnsafeBytes({ CRC32C.checksum($0) }) == header.payloadChecksum
        else { throw .damaged("content \(header.contentID) fails its checksum") }
        let bytes: [UInt8]
        if header.codec == .identity {
            bytes = stored
        } else {
            guard header.rawLength <= RecordHeader.frameSize else {
                throw .damaged("content \(header.contentID) has an impossible length")
            }
            bytes = try stored.withRawBytes { raw throws(ContentError) in
                try compressor.decompress(raw, length: header.rawLength)
            }
        }
        // What is small is read at once, by whoever asks for it.
        if bytes.count > Self.singleReadSize { folder.frames.add(bytes, for: key) }
        return bytes
    }

    private func frame(_ number: Int, _ compressor: Compressor) throws(ContentError) -> [UInt8] {
        let key = FrameCache.Key(location: location, frame: number)
        if !isVerifying, let known = folder.frames[key] { return known }
        let stored = try FileOperations.read(
            file.descriptor, at: start + frames[number], length: frames[number + 1] - frames[number])
        let length = min(RecordHeader.frameSize, header.rawLength - number * RecordHeader.frameSize)
        let bytes = try stored.withRawBytes { raw throws(ContentError) in
            try compressor.decompress(raw, length: length)
        }
        folder.frames.add(bytes, for: key)
        return bytes
    }

    /// Reads all of it and checks every checksum; the placements come back.
    package func verify(with compressor: Compressor) throws(ContentError) -> [Placement] {
        isVerifying = true
        defer { isVerifying = false }
        try verifyPayload()
        let placements = try placements()
        var digest = SHA256()
        var position = 0
        while position < header.rawLength {
            let piece = try read(at: position, length: RecordHeader.frameSize, with: compressor)
            guard !piece.isEmpty else { throw .damaged("content \(header.contentID) ends early") }
            digest.update(data: piece)
            position += piece.count
        }
        guard Array(digest.finalize()) == header.digest else {
            throw .damaged("content \(header.contentID) is not what was stored")
        }
        return placements
    }

    private func verifyPayload() throws(ContentError) {
        var stored: UInt32 = 0
        var position = 0
        while position < header.storedLength {
            let piece = try FileOperations.read(
                file.descriptor, at: start + position, length: min(1 << 20, header.storedLength - position))
            guard !piece.isEmpty else { throw .damaged("content \(header.contentID) ends early") }
            stored = piece.withUnsafeBytes { CRC32C.checksum($0, seed: stored) }
            position += piece.count
        }
        guard stored == header.payloadChecksum else { throw .damaged("content \(header.contentID) fails its checksum") }
    }

    /// Where the message was put, whatever the state of its bytes.
    package func placements() throws(ContentError) -> [Placement] {
        let end = try FileOperations.read(
            file.descriptor, at: start + header.storedLength,
            length: header.placementsLength + RecordHeader.trailerLength)
        guard end.count == header.placementsLength + RecordHeader.trailerLength else {
            throw .damaged("content \(header.contentID) ends early")
        }
        let places = Array(end.prefix(header.placementsLength))
        var checksum = header.encoded().withUnsafeBytes { CRC32C.checksum($0) }
        checksum = places.withUnsafeBytes { CRC32C.checksum($0, seed: checksum) }
        var trailer = RecordReader(end.dropFirst(header.placementsLength))
        guard trailer.integer(UInt32.self) == checksum else {
            throw .damaged("the record of content \(header.contentID) fails its checksum")
        }
        return try Placement.decode(folder.seal.open(places))
    }
}

extension PreparedContent {
    /// The raw bytes before any commit, for stages that look at the body. Blocks.
    package func read(
        at offset: Int, length: Int, with compressor: Compressor
    ) throws(ContentError) -> [UInt8] {
        let first = min(max(offset, 0), rawLength)
        let end = first + min(max(length, 0), rawLength - first)
        switch payload {
        case .memory(let bytes):
            let raw =
                try codec == .identity
                ? bytes
                : bytes.withRawBytes { packed throws(ContentError) in
                    try compressor.decompress(packed, length: rawLength)
                }
            return Array(raw[first..<end])
        case .spool(let file):
            if codec == .identity {
                return try FileOperations.read(file.descriptor, at: RecordHeader.length + first, length: end - first)
            }
            return try readFrames(file, first..<end, compressor)
        }
    }

    private func readFrames(
        _ file: SpoolFile, _ range: Range<Int>, _ compressor: Compressor
    ) throws(ContentError) -> [UInt8] {
        let count = (rawLength + RecordHeader.frameSize - 1) / RecordHeader.frameSize
        var table = RecordReader(
            try FileOperations.read(
                file.descriptor, at: RecordHeader.length + storedLength - 4 * count, length: 4 * count))
        var result: [UInt8] = []
        var start = RecordHeader.length
        for number in 0..<count {
            guard let packed = table.integer(UInt32.self) else { throw .damaged("a spool file ends early") }
            let raw = number * RecordHeader.frameSize..<min((number + 1) * RecordHeader.frameSize, rawLength)
            if raw.overlaps(range) {
                let stored = try FileOperations.read(file.descriptor, at: start, length: Int(packed))
                let bytes = try stored.withRawBytes { input throws(ContentError) in
                    try compressor.decompress(input, length: raw.count)
                }
                let wanted = raw.clamped(to: range)
                result.append(
                    contentsOf: bytes[(wanted.lowerBound - raw.lowerBound)..<(wanted.upperBound - raw.lowerBound)])
            }
            start += Int(packed)
        }
        return result
    }
}
