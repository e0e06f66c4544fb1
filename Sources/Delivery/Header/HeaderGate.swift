import Bytes
import NIOCore

/// Holds back the start of a message until its header is complete, because what must be added in front of it depends on
/// it. Bounded; each byte is looked at once, however the bytes are cut.
struct HeaderGate: Sendable {
    enum Progress: Hashable, Sendable {
        case incomplete
        case complete
        case tooLarge
    }

    /// All bytes so far, the beginning of the body among them once complete.
    private(set) var bytes = ByteBuffer()
    /// Where the header ends, the blank line included.
    private(set) var headerLength: Int?
    /// Whether the message begins with its body: what is put in front must then end in a blank line.
    private(set) var hasNoHeader = false
    /// Whether the first line is the `From ` line of a mailbox file, which some programs send along.
    private(set) var hasMailboxLine = false
    private let limit: Int
    private var lineStart = 0
    private var scanned = 0
    /// A line that is no field was seen, which ends the header for some readers and not for others.
    private var hasStrayLine = false

    /// `limit` in bytes.
    init(limit: Int) { self.limit = limit }

    mutating func take(_ piece: ByteBuffer) -> Progress {
        bytes.writeImmutableBuffer(piece)
        guard headerLength == nil else { return .complete }
        while let end = lineEnd() {
            let start = lineStart
            lineStart = end
            scanned = end
            guard let line = bytes.getSlice(at: bytes.readerIndex + start, length: end - start) else { break }
            switch Self.kind(of: line, isFirst: start == 0) {
            case .field: continue
            case .mailboxLine: hasMailboxLine = true
            case .blank:
                headerLength = end
                return end <= limit ? .complete : .tooLarge
            case .body where start == 0:
                hasNoHeader = true
                headerLength = 0
                return .complete
            case .body:
                // What looks like a field behind it is still looked at: some reader will take it for one.
                hasStrayLine = true
            }
        }
        scanned = bytes.readableBytes
        guard bytes.readableBytes > limit else { return .incomplete }
        guard hasStrayLine else { return .tooLarge }
        headerLength = lineStart
        return .complete
    }

    /// There is no more: what came is the header.
    mutating func finish() {
        if headerLength == nil { headerLength = bytes.readableBytes }
    }

    /// The header without what follows.
    var header: ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex, length: headerLength ?? bytes.readableBytes) ?? ByteBuffer()
    }

    /// Hands over all bytes.
    mutating func release() -> ByteBuffer {
        defer { bytes = ByteBuffer() }
        return bytes
    }

    private enum LineKind { case field, blank, body, mailboxLine }

    private func lineEnd() -> Int? {
        bytes.withUnsafeReadableBytes { raw in findByte(raw, ASCII.lf, scanned) }.map { $0 + 1 }
    }

    /// RFC 5322 §2.2: a field is a name of printable characters and a colon; blanks before the colon are the obsolete
    /// syntax (RFC 5322 §4.5). A folded line begins with a blank.
    private static func kind(of line: ByteBuffer, isFirst: Bool) -> LineKind {
        line.withUnsafeReadableBytes { raw in
            if raw.allSatisfy({ $0 == ASCII.cr || $0 == ASCII.lf }) { return .blank }
            if isFirst, raw.starts(with: "From ".utf8) { return .mailboxLine }
            if raw[0].isASCIIBlank { return isFirst ? .body : .field }
            var sawBlank = false
            for (index, byte) in raw.enumerated() {
                if byte == ASCII.colon { return index > 0 ? .field : .body }
                if byte.isASCIIBlank {
                    sawBlank = true
                } else if sawBlank || byte <= ASCII.space || byte >= 0x7F {
                    return .body
                }
            }
            return .body
        }
    }
}
