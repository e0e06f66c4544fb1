import CSQLiteVFS
import Glibc
import MailStore

/// A database's write-ahead log as it lies in its file (https://www.sqlite.org/walformat.html).
///
/// A frame is a page with a header. It is sound if it has the salts of the log's header and if its checksum, which goes on from
/// that of the frame before, fits. SQLite takes back, when it opens a log that nobody has open, everything behind the first
/// frame that is not, and all of it if the header is not.
///
/// The file may be opened and closed beside SQLite, which keeps no locks on it.
struct WriteAheadLog: ~Copyable {
    /// The position of a frame; SQLite counts from 1.
    typealias FrameNumber = Int

    struct FrameHeader {
        static let size = Int(CSQLITEVFS_FRAME_HEADER)
        let page: UInt32
        /// Pages of the database after the transaction that ends with this frame; 0 for others.
        let pages: UInt32
        let salt: [UInt8]
        let sum: Checksum

        init(_ bytes: ArraySlice<UInt8>) {
            page = big(bytes, 0)
            pages = big(bytes, 4)
            salt = Array(bytes.dropFirst(8).prefix(8))
            sum = Checksum(first: big(bytes, 16), second: big(bytes, 20))
        }
    }

    struct Checksum: Hashable {
        var first: UInt32 = 0
        var second: UInt32 = 0

        /// Goes on over bytes whose number is a multiple of 8.
        func adding(_ bytes: UnsafeRawBufferPointer, isBigEndian: Bool) -> Checksum {
            var sum = (first, second)
            withUnsafeMutableBytes(of: &sum) { sum in
                csqlitevfs_log_checksum(
                    isBigEndian ? 1 : 0, bytes.baseAddress, bytes.count,
                    sum.baseAddress?.assumingMemoryBound(to: UInt32.self))
            }
            return Checksum(first: sum.0, second: sum.1)
        }
    }

    static let frameSize = FrameHeader.size + Int(CSQLITEVFS_PAGE)
    private static let headerSize = Int(CSQLITEVFS_LOG_HEADER)

    private let descriptor: Int32
    let path: String
    /// Frames for which there is room in the file.
    let room: Int
    let salt: [UInt8]
    let isBigEndian: Bool
    /// Of the header: what the first frame goes on from.
    let sum: Checksum
    private let header: [UInt8]

    /// Whether the header's own checksum fits, and pages are ours.
    var isSound: Bool { Self.isSound(header) }

    private static func isBigEndian(_ header: [UInt8]) -> Bool { header[3] & 1 == 1 }

    private static func isSound(_ header: [UInt8]) -> Bool {
        let sum = header.withUnsafeBytes {
            Checksum().adding(UnsafeRawBufferPointer(rebasing: $0[..<24]), isBigEndian: isBigEndian(header))
        }
        return big(header[...], 0) & ~1 == 0x377f_0682 && big(header[...], 8) == UInt32(CSQLITEVFS_PAGE)
            && sum == Checksum(first: big(header[...], 24), second: big(header[...], 28))
    }

    /// Nil if there is no log, or nothing in it.
    init?(ofDatabase database: String, writes: Bool = false) throws(SQLError) {
        path = database + "-wal"
        let descriptor = open(path, (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw SQLError(.other, "open \(path): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        var header: [UInt8] = []
        if fstat(descriptor, &status) == 0 {
            header = Self.read(descriptor, at: 0, length: Self.headerSize)
        }
        guard header.count == Self.headerSize else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        room = (Int(status.st_size) - Self.headerSize + Self.frameSize - 1) / Self.frameSize
        self.header = header
        isBigEndian = Self.isBigEndian(header)
        salt = Array(header[16..<24])
        sum = Checksum(first: big(header[...], 24), second: big(header[...], 28))
    }

    deinit { close(descriptor) }

    /// Less than `length` bytes at the end of the file, or if it cannot be read.
    private static func read(_ descriptor: Int32, at offset: Int, length: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            while count < length {
                let got = pread(
                    descriptor, buffer.baseAddress?.advanced(by: count), length - count, off_t(offset + count))
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { break }
                count += got
            }
        }
    }

    private static func offset(_ frame: FrameNumber) -> Int { headerSize + (frame - 1) * frameSize }

    /// The header and the page; nil if the file ends before.
    private func bytes(_ frame: FrameNumber) -> [UInt8]? {
        let bytes = Self.read(descriptor, at: Self.offset(frame), length: Self.frameSize)
        return bytes.count == Self.frameSize ? bytes : nil
    }

    /// The page in a frame.
    func page(_ frame: FrameNumber) -> [UInt8]? { bytes(frame).map { Array($0.dropFirst(FrameHeader.size)) } }

    /// The checksum that `frame` must have, if its first 8 bytes and its page are right and it comes after `sum`.
    private func checksum(_ frame: UnsafeRawBufferPointer, after sum: Checksum) -> Checksum {
        sum.adding(UnsafeRawBufferPointer(rebasing: frame[..<8]), isBigEndian: isBigEndian)
            .adding(UnsafeRawBufferPointer(rebasing: frame[FrameHeader.size...]), isBigEndian: isBigEndian)
    }

    private func isSound(_ bytes: [UInt8], after sum: Checksum) -> Bool {
        let header = FrameHeader(bytes[...])
        return header.salt == salt && header.page > 0
            && bytes.withUnsafeBytes { checksum($0, after: sum) } == header.sum
    }

    /// Whether a frame is sound, taking the one before it as it is.
    func isSound(_ frame: FrameNumber) -> Bool {
        guard let bytes = bytes(frame), let sum = sum(before: frame) else { return false }
        return isSound(bytes, after: sum)
    }

    /// Calls `body` for each sound frame from the first on, up to `limit`, and returns the first that is not sound; nil if all
    /// are. `sum` becomes that of the last sound frame.
    func firstUnsound(
        limit: Int, sum last: inout Checksum, _ body: (FrameNumber, FrameHeader) -> Void = { _, _ in }
    ) -> FrameNumber? {
        last = sum
        guard limit > 0 else { return nil }
        let piece = 256
        for start in stride(from: 1, through: limit, by: piece) {
            let count = min(piece, limit - start + 1)
            let bytes = Self.read(descriptor, at: Self.offset(start), length: count * Self.frameSize)
            for index in 0..<count {
                let end = (index + 1) * Self.frameSize
                guard end <= bytes.count else { return start + index }
                let frame = Array(bytes[index * Self.frameSize..<end])
                guard isSound(frame, after: last) else { return start + index }
                let header = FrameHeader(frame[...])
                last = header.sum
                body(start + index, header)
            }
        }
        return nil
    }

    /// The header of a frame, sound or not.
    func header(_ frame: FrameNumber) -> FrameHeader? {
        let bytes = Self.read(descriptor, at: Self.offset(frame), length: FrameHeader.size)
        return bytes.count == FrameHeader.size ? FrameHeader(bytes[...]) : nil
    }

    /// The checksum that frame goes on from.
    private func sum(before frame: FrameNumber) -> Checksum? { frame == 1 ? sum : header(frame - 1)?.sum }

    /// Frames from `first` on that look like parts of committed transactions of this log: with its salts, up to the last with a
    /// commit mark.
    func committed(from first: FrameNumber) -> (frames: Int, commits: Int) {
        // A damaged header may have other salts than its frames.
        guard let salt = isSound ? salt : header(1)?.salt else { return (0, 0) }
        var result = (frames: 0, commits: 0)
        var seen = 0
        for frame in stride(from: first, through: room, by: 1) {
            guard let header = header(frame) else { break }
            guard header.salt == salt else { continue }
            seen += 1
            guard header.pages > 0 else { continue }
            result = (seen, result.commits + 1)
        }
        return result
    }

    /// The one bit of the log's header without which it would be sound.
    func wrongBitOfHeader() -> Int? {
        let bits = (0..<Self.headerSize * 8).filter { bit in
            var header = header
            header[bit / 8] ^= 1 << UInt8(bit % 8)
            return Self.isSound(header)
        }
        return bits.count == 1 ? bits[0] : nil
    }

    /// The one bit, counted from the frame's first, without which the frame would be sound: a sure sign of damage, as a write
    /// that a power cut has torn is not one bit away from a whole one.
    ///
    /// Nil if there is none, or more than one: the checksum is a sum, in which the high bits of many words weigh the same. About
    /// three quarters of all bits are found again. Takes some 20 ms.
    func wrongBit(of frame: FrameNumber) -> Int? {
        guard var bytes = bytes(frame), let sum = sum(before: frame) else { return nil }
        var found: Int?
        for bit in 0..<Self.frameSize * 8 {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            if isSound(bytes, after: sum) {
                guard found == nil else { return nil }
                found = bit
            }
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        return found
    }

    /// Turns a bit over in the file. For a log opened for writing.
    func correct(_ bit: Int, of frame: FrameNumber) throws(SQLError) { try turn(bit, at: Self.offset(frame)) }

    func correctHeader(_ bit: Int) throws(SQLError) { try turn(bit, at: 0) }

    private func turn(_ bit: Int, at start: Int) throws(SQLError) {
        let offset = start + bit / 8
        var byte = Self.read(descriptor, at: offset, length: 1)
        guard byte.count == 1 else { return }
        byte[0] ^= 1 << UInt8(bit % 8)
        guard pwrite(descriptor, byte, 1, off_t(offset)) == 1, fdatasync(descriptor) == 0 else {
            throw SQLError(.other, "write \(path): \(String(cString: strerror(errno)))")
        }
    }
}

/// The 4 bytes at an offset within a slice, big-endian; the slice has them.
func big(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> UInt32 {
    bytes.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
}
