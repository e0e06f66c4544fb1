import CZstd

/// zstd with its working memory, for one thread.
package final class Compressor {
    /// Level 1: the next two cost half as much again for the same ratio on mail.
    private static let level: Int32 = 1
    /// Less than this is not worth a frame header.
    private static let smallest = 512

    private let compression: OpaquePointer?
    private let decompression: OpaquePointer?

    package init() {
        compression = ZSTD_createCCtx()
        decompression = ZSTD_createDCtx()
    }

    deinit {
        ZSTD_freeCCtx(compression)
        ZSTD_freeDCtx(decompression)
    }

    /// One frame, or nil if that saves less than a tenth.
    package func compress(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard bytes.count >= Self.smallest, let compression else { return nil }
        // A target smaller than the worst case makes zstd give up on what does not shrink.
        let limit = bytes.count - bytes.count / 10
        var failed = false
        let result = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            let size = ZSTD_compressCCtx(
                compression, buffer.baseAddress, limit, bytes.baseAddress, bytes.count, Self.level)
            failed = ZSTD_isError(size) != 0
            count = failed ? 0 : size
        }
        return failed ? nil : result
    }

    /// As `compress`, but whatever it saves.
    package func compressAlways(_ bytes: UnsafeRawBufferPointer) throws(ContentError) -> [UInt8] {
        let limit = ZSTD_compressBound(bytes.count)
        var failed = compression == nil
        let result = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            guard let compression else { return }
            let size = ZSTD_compressCCtx(
                compression, buffer.baseAddress, limit, bytes.baseAddress, bytes.count, Self.level)
            failed = ZSTD_isError(size) != 0
            count = failed ? 0 : size
        }
        guard !failed else { throw .io("compress", 12) }
        return result
    }

    /// The `length` bytes that `bytes` stands for.
    package func decompress(_ bytes: UnsafeRawBufferPointer, length: Int) throws(ContentError) -> [UInt8] {
        var size = 0
        let result = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            size = ZSTD_decompressDCtx(decompression, buffer.baseAddress, length, bytes.baseAddress, bytes.count)
            count = ZSTD_isError(size) != 0 ? 0 : min(size, length)
        }
        guard ZSTD_isError(size) == 0, size == length else { throw .damaged("content cannot be decompressed") }
        return result
    }
}
