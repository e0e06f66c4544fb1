import Bytes
import NIOCore

/// Walks over one command line; every access is checked.
struct LineCursor {
    private(set) var rest: ByteBuffer

    init(_ line: ByteBuffer) { rest = line }

    var isAtEnd: Bool { rest.readableBytes == 0 }

    var next: UInt8? { rest.getInteger(at: rest.readerIndex, as: UInt8.self) }

    mutating func advance() {
        if !isAtEnd { rest.moveReaderIndex(forwardBy: 1) }
    }

    /// Consumes `byte` if it comes next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        advance()
        return true
    }

    /// Consumes `word` if it comes next, in any case.
    mutating func takeWord(_ word: StaticString) -> Bool {
        guard rest.startsIgnoringASCIICase(with: word) else { return false }
        rest.moveReaderIndex(forwardBy: word.utf8CodeUnitCount)
        return true
    }

    /// Consumes bytes while they belong to `set`.
    mutating func take(while belongs: (UInt8) -> Bool) -> ByteBuffer {
        var length = 0
        while let byte = rest.getInteger(at: rest.readerIndex + length, as: UInt8.self), belongs(byte) { length += 1 }
        return rest.readSlice(length: length) ?? ByteBuffer()
    }

    mutating func skipBlanks() {
        while let byte = next, byte.isASCIIBlank { advance() }
    }

    /// Up to the next blank or the end.
    mutating func takeUntilBlank() -> ByteBuffer { take { !$0.isASCIIBlank } }
}

extension ByteBuffer {
    /// The readable bytes as text; nil unless they are UTF-8.
    var validText: String? { String(validating: readableBytesView, as: UTF8.self) }

    /// Without blanks at the end: RFC 5321 §4.1.1 asks servers to tolerate them.
    var withoutTrailingBlanks: ByteBuffer {
        var length = readableBytes
        while length > 0, let byte = getInteger(at: readerIndex + length - 1, as: UInt8.self), byte.isASCIIBlank {
            length -= 1
        }
        return getSlice(at: readerIndex, length: length) ?? self
    }
}
