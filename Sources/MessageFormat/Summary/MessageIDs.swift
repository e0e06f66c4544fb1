import Bytes
package import NIOCore

/// Message identifiers (RFC 5322 §3.6.4).
package enum MessageIDs {
    /// More than a thread needs; of a longer list the first and the latest are kept.
    package static let maximum = 100

    /// The identifiers in `value` without their angle brackets, in order. Words without brackets, which In-Reply-To of old
    /// held (RFC 5322 §4.5.4), are none.
    package static func list(_ value: ByteBuffer) -> [ByteBuffer] {
        value.withUnsafeReadableBytes { bytes in
            var output: [ByteBuffer] = []
            var index = 0
            while let open = bytes.offset(of: ASCII.less, from: index) {
                guard let close = bytes.offset(of: ASCII.greater, from: open) else { break }
                let inside = bytes.trimmed(open + 1..<close)
                index = close + 1
                guard !inside.isEmpty, inside.count <= 998 else { continue }
                output.append(identifier(value, bytes, inside))
                if output.count > maximum { output.remove(at: 1) }
            }
            return output
        }
    }

    /// The identifier of a Message-ID field; without brackets the first word is taken.
    package static func first(_ value: ByteBuffer) -> ByteBuffer? {
        if let first = list(value).first { return first }
        return value.withUnsafeReadableBytes { bytes in
            let trimmed = bytes.trimmed(0..<bytes.count)
            let end = trimmed.first { bytes[$0].isFoldingSpace } ?? trimmed.upperBound
            guard end > trimmed.lowerBound, end - trimmed.lowerBound <= 998 else { return nil }
            return value.piece(trimmed.lowerBound..<end)
        }
    }

    /// Blanks come in by folding within an identifier.
    private static func identifier(_ value: ByteBuffer, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>)
        -> ByteBuffer
    {
        guard range.contains(where: { bytes[$0].isFoldingSpace }) else { return value.piece(range) }
        return ByteBuffer(copying: range.map { bytes[$0] }.filter { !$0.isFoldingSpace })
    }
}
