import Bytes
package import NIOCore

/// Looks for bare CR and LF in content whose framing does not: BDAT chunks of bodies that are not BINARYMIME. Such
/// content may later go out by DATA, where a bare CR or LF must not be sent.
package struct LineEndCheck: Sendable {
    private var endsInCR = false
    package private(set) var hasBareLineEnd = false

    package init() {}

    /// Looks at the next piece; pieces may be cut anywhere.
    package mutating func update(_ piece: ByteBuffer) {
        guard !hasBareLineEnd, piece.readableBytes > 0 else { return }
        var isBare = false
        endsInCR = piece.withUnsafeReadableBytes { bytes in
            if endsInCR, bytes[0] != ASCII.lf { isBare = true }
            var previousCR = endsInCR
            var start = 0
            while let lineFeed = bytes.offset(of: ASCII.lf, from: start) {
                let line = UnsafeRawBufferPointer(rebasing: bytes[start..<lineFeed])
                if let cr = line.offset(of: ASCII.cr), cr != line.count - 1 { isBare = true }
                if line.last != ASCII.cr, !(line.isEmpty && previousCR) { isBare = true }
                previousCR = false
                start = lineFeed + 1
            }
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            if let cr = rest.offset(of: ASCII.cr), cr != rest.count - 1 { isBare = true }
            return rest.last == ASCII.cr
        }
        if isBare { hasBareLineEnd = true }
    }

    /// To be called at the end of the message: a final CR is bare.
    package mutating func finish() {
        if endsInCR { hasBareLineEnd = true }
    }
}
