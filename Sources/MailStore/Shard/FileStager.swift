import ContentStore
import Glibc
import MessageFormat
import NIOCore
import Synchronization

/// Takes a message in: up to 256 KB in memory, then to a spool file.
final class FileStager: MessageStager {
    private struct State {
        var buffer = ByteBuffer()
        var size = 0
        var intake: Intake?
    }

    private let state = Mutex(State())
    private let pool: IntakePool
    private let expectedSize: Int?

    init(pool: IntakePool, expectedSize: Int?) {
        self.pool = pool
        self.expectedSize = expectedSize
    }

    var size: Int { state.withLock { $0.size } }

    func admit() throws(StoreError) { try pool.admit(expectedSize ?? 0) }

    func write(_ bytes: ByteBuffer) async throws(StoreError) {
        state.withLock { state in
            var bytes = bytes
            if state.size == 0, let expectedSize {
                state.buffer.reserveCapacity(min(max(expectedSize, 0), RecordHeader.frameSize))
            }
            state.size += bytes.readableBytes
            state.buffer.writeBuffer(&bytes)
        }
        while let (frame, intake) = takeFrame() {
            try pool.admit(frame.readableBytes)
            try await pool.run { compressor throws(ContentError) in try intake.append(frame, compressor) }
        }
    }

    /// A full frame with the intake that it goes to, once the message is too large for memory.
    private func takeFrame() -> (ByteBuffer, Intake)? {
        state.withLock { state in
            guard state.buffer.readableBytes > RecordHeader.frameSize,
                let frame = state.buffer.readSlice(length: RecordHeader.frameSize)
            else { return nil }
            state.buffer.discardReadBytes()
            let intake = state.intake ?? Intake(pool.folder)
            state.intake = intake
            return (frame, intake)
        }
    }

    func finish() async throws(StoreError) -> StagedMessage {
        let pool = pool
        try pool.admit(size)
        let (rest, intake) = state.withLock { state in
            defer { state.buffer = ByteBuffer() }
            return (state.buffer, state.intake ?? Intake(pool.folder))
        }
        return try await pool.run { compressor throws(ContentError) in try intake.finish(rest, compressor, pool) }
    }

    func discard() async {
        state.withLock { $0 = State() }
    }
}

/// A message on its way through the intake threads.
///
/// Safety of `@unchecked Sendable`: the stager awaits each use before the next.
private final class Intake: @unchecked Sendable {
    private var content: ContentIntake?
    private var parser = MessageParser()
    private var header = ByteBuffer()

    init(_ folder: ContentFolder) { content = ContentIntake(folder: folder) }

    func append(_ frame: ByteBuffer, _ compressor: Compressor) throws(ContentError) {
        parse(frame)
        do throws(ContentError) {
            try frame.withRawBytes { bytes throws(ContentError) in try content?.append(bytes, with: compressor) }
        } catch {
            // A message with a hole in it must not be finished.
            content = nil
            throw error
        }
    }

    private func parse(_ bytes: ByteBuffer) {
        parser.consume(bytes)
        let room = StagedParse.headerLimit - header.readableBytes
        if room > 0 {
            header.writeImmutableBuffer(
                bytes.getSlice(at: bytes.readerIndex, length: min(room, bytes.readableBytes)) ?? ByteBuffer())
        }
    }

    func finish(_ rest: ByteBuffer, _ compressor: Compressor, _ pool: IntakePool) throws(ContentError) -> StagedMessage
    {
        guard let intake = content.take() else { throw .io("spool", EIO) }
        let isSmall = header.readableBytes == 0
        if isSmall {
            parser.consume(rest)
            header = rest
        } else {
            parse(rest)
        }
        let prepared = try rest.withRawBytes(consuming: intake) { bytes, intake throws(ContentError) in
            try intake.finish(bytes, with: compressor)
        }
        let structure = parser.finish()
        let summary = MessageSummary.make(from: structure) { range in
            if isSmall {
                let present = range.clamped(to: 0..<rest.readableBytes)
                return rest.getSlice(at: rest.readerIndex + present.lowerBound, length: present.count) ?? ByteBuffer()
            }
            // The preview is worth no error: without these bytes it is empty.
            guard
                let bytes = try? prepared.read(
                    at: range.lowerBound, length: min(range.count, 64 << 10), with: compressor)
            else { return ByteBuffer() }
            return ByteBuffer(bytes: bytes)
        }
        let end = min(structure.root.headerRange.upperBound, header.readableBytes, StagedParse.headerLimit)
        return StagedMessage(
            size: structure.size, summary: summary, structure: structure,
            header: header.getSlice(at: header.readerIndex, length: end) ?? ByteBuffer(),
            content: FileContent(
                prepared: prepared, raw: isSmall ? rest : nil, summary: summary.encode(),
                threads: ThreadKeys.keys(of: summary),
                pool: pool))
    }
}

/// A staged message of a database shard.
final class FileContent: StagedContent {
    let prepared: PreparedContent
    /// Encoded.
    let summary: [UInt8]
    let threads: [Int64]
    /// The bytes, if they are few.
    private let raw: ByteBuffer?
    private let pool: IntakePool

    init(prepared: PreparedContent, raw: ByteBuffer?, summary: [UInt8], threads: [Int64], pool: IntakePool) {
        self.prepared = prepared
        self.raw = raw
        self.summary = summary
        self.threads = threads
        self.pool = pool
    }

    func read(at offset: Int, length: Int) async throws(StoreError) -> ByteBuffer {
        if let raw {
            let first = min(max(offset, 0), raw.readableBytes)
            let count = min(max(length, 0), raw.readableBytes - first)
            return raw.getSlice(at: raw.readerIndex + first, length: count) ?? ByteBuffer()
        }
        let prepared = prepared
        return try await pool.run { compressor throws(ContentError) in
            ByteBuffer(bytes: try prepared.read(at: offset, length: length, with: compressor))
        }
    }
}

/// The threads that compress, parse and spool.
final class IntakePool: Sendable {
    /// Safety of `@unchecked Sendable`: only the pool's thread of the same number touches it.
    private final class Seat: @unchecked Sendable {
        let compressor = Compressor()
    }

    let folder: ContentFolder
    private let pool: WorkerPool
    private let seats: [Seat]

    private let room: FreeSpace
    private let trouble: DiskTrouble

    init(folder: ContentFolder, threads: Int, room: FreeSpace, trouble: DiskTrouble) {
        self.folder = folder
        self.room = room
        self.trouble = trouble
        seats = (0..<threads).map { _ in Seat() }
        pool = WorkerPool(name: "store-intake", threads: threads)
    }

    func run<Success: Sendable>(
        _ body: @escaping @Sendable (Compressor) throws(ContentError) -> Success
    ) async throws(StoreError) -> Success {
        let seats = seats
        let result: Result<Success, StoreError>? = await pool.run { number in
            do throws(ContentError) {
                return .success(try body(seats[number].compressor))
            } catch {
                return .failure(error.storeError)
            }
        }
        guard let result else { throw .unavailable("the store is closed") }
        return try result.get()
    }

    /// Throws where a message of `bytes` finds too little room on the disk.
    func admit(_ bytes: Int) throws(StoreError) {
        do throws(ContentError) {
            try room.check(for: bytes)
            trouble.succeeded()
        } catch {
            trouble.refused(error.storeError)
            throw error.storeError
        }
    }

    func close() { pool.close() }
}

extension ByteBuffer {
    fileprivate func withRawBytes(
        _ body: (UnsafeRawBufferPointer) throws(ContentError) -> Void
    ) throws(ContentError) {
        let result: Result<Void, ContentError> = withUnsafeReadableBytes { bytes in
            do throws(ContentError) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }

    fileprivate func withRawBytes(
        consuming intake: consuming ContentIntake,
        _ body: (UnsafeRawBufferPointer, consuming ContentIntake) throws(ContentError) -> PreparedContent
    ) throws(ContentError) -> PreparedContent {
        var taken: ContentIntake? = intake
        let result: Result<PreparedContent, ContentError>? = withUnsafeReadableBytes { bytes in
            guard let intake = taken.take() else { return nil }
            do throws(ContentError) { return .success(try body(bytes, intake)) } catch { return .failure(error) }
        }
        guard let result else { throw .damaged("the message was finished before") }
        return try result.get()
    }
}
