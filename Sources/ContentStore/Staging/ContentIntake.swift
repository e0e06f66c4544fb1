import Bytes
import Crypto
import Glibc

/// Turns a message's bytes, given in pieces, into `PreparedContent`. Small ones stay in memory; larger ones go to a spool
/// file frame by frame. Blocks: for worker threads. Used by one caller at a time.
package struct ContentIntake: ~Copyable {
    private let folder: ContentFolder
    private var digest = SHA256()
    private var rawLength = 0
    private var checksum: UInt32 = 0
    private var spool: SpoolFile?
    private var storedLength = 0
    private var codec = ContentCodec.identity
    private var frames: [UInt32] = []

    package init(folder: ContentFolder) { self.folder = folder }

    /// The next `RecordHeader.frameSize` bytes, exactly; what is left goes to `finish`.
    package mutating func append(_ frame: UnsafeRawBufferPointer, with compressor: Compressor) throws(ContentError) {
        digest.update(bufferPointer: frame)
        rawLength += frame.count
        let file: SpoolFile
        if let spool {
            file = spool
        } else {
            file = try folder.newSpoolFile()
            spool = file
            // The first frame decides for all whether compression is worth it.
            codec = compressor.compress(frame) == nil ? .identity : .zstdFrames
        }
        if codec == .zstdFrames {
            let packed = try compressor.compressAlways(frame)
            frames.append(UInt32(truncatingIfNeeded: packed.count))
            try packed.withRawBytes { bytes throws(ContentError) in try store(bytes, file) }
        } else {
            try store(frame, file)
        }
    }

    private mutating func store(_ bytes: UnsafeRawBufferPointer, _ file: SpoolFile) throws(ContentError) {
        // The header's place is kept free, so that the file can become an object as it is.
        try folder.files.write(file.descriptor, bytes, RecordHeader.length + storedLength)
        checksum = CRC32C.checksum(bytes, seed: checksum)
        storedLength += bytes.count
    }

    /// Ends with what is left, at most a frame.
    package consuming func finish(
        _ rest: UnsafeRawBufferPointer, with compressor: Compressor
    ) throws(ContentError) -> PreparedContent {
        if spool == nil {
            digest.update(bufferPointer: rest)
            let packed = compressor.compress(rest)
            let payload = packed ?? Array(rest)
            return PreparedContent(
                payload: .memory(folder.seal.seal(payload)), codec: packed == nil ? .identity : .zstd,
                storedLength: payload.count, rawLength: rest.count, digest: Array(digest.finalize()),
                payloadChecksum: payload.withUnsafeBytes { CRC32C.checksum($0) }, isObject: false)
        }
        if rest.count > 0 { try append(rest, with: compressor) }
        guard let file = spool else { throw .io("spool", EIO) }
        if codec == .zstdFrames {
            var table = RecordWriter()
            for frame in frames { table.integer(frame) }
            try table.output.withRawBytes { bytes throws(ContentError) in try store(bytes, file) }
        }
        let isObject = storedLength >= folder.objectThreshold
        // Most of the waiting is done here rather than on the writer's thread.
        if isObject { try folder.files.sync(file.descriptor) }
        return PreparedContent(
            payload: .spool(file), codec: codec, storedLength: storedLength, rawLength: rawLength,
            digest: Array(digest.finalize()), payloadChecksum: checksum, isObject: isObject)
    }
}
