import Bytes
package import NIOCore

/// Takes a transfer encoding off a body, chunk by chunk (RFC 2045 §6). Never fails: what the encoding does not allow is
/// let through or skipped, and an unknown encoding leaves the bytes as they are.
package struct TransferDecoder: Sendable {
    private enum Method: Sendable {
        case identity
        case quotedPrintable(QuotedPrintableDecoder)
        case base64(ForgivingBase64)
        case uuencode(UUDecoder)
    }

    private var method: Method

    package init(_ encoding: TransferEncoding) {
        switch encoding {
        case .quotedPrintable: method = .quotedPrintable(QuotedPrintableDecoder())
        case .base64: method = .base64(ForgivingBase64())
        case .uuencode: method = .uuencode(UUDecoder())
        default: method = .identity
        }
    }

    /// Appends to `output` what `bytes` decode to.
    package mutating func decode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        switch method {
        case .identity: output.append(contentsOf: bytes)
        case .quotedPrintable(var decoder):
            decoder.decode(bytes, into: &output)
            method = .quotedPrintable(decoder)
        case .base64(var decoder):
            decoder.decode(bytes, into: &output)
            method = .base64(decoder)
        case .uuencode(var decoder):
            decoder.decode(bytes, into: &output)
            method = .uuencode(decoder)
        }
    }

    /// Appends what an incomplete end holds.
    package mutating func finish(into output: inout [UInt8]) {
        switch method {
        case .identity: break
        case .quotedPrintable(var decoder): decoder.finish(into: &output)
        case .base64(var decoder): decoder.finish(into: &output)
        case .uuencode(var decoder): decoder.finish(into: &output)
        }
        method = .identity
    }

    package mutating func decode(_ bytes: ByteBuffer) -> ByteBuffer {
        if case .identity = method { return bytes }
        var output: [UInt8] = []
        bytes.withUnsafeReadableBytes { decode($0, into: &output) }
        return ByteBuffer(bytes: output)
    }

    package mutating func finish() -> ByteBuffer {
        var output: [UInt8] = []
        finish(into: &output)
        return ByteBuffer(bytes: output)
    }

    /// A whole body at once.
    package static func decode(_ bytes: ByteBuffer, _ encoding: TransferEncoding) -> ByteBuffer {
        var decoder = TransferDecoder(encoding)
        if case .identity = decoder.method { return bytes }
        var output: [UInt8] = []
        bytes.withUnsafeReadableBytes { decoder.decode($0, into: &output) }
        decoder.finish(into: &output)
        return ByteBuffer(bytes: output)
    }
}

/// Quoted-printable (RFC 2045 §6.7).
struct QuotedPrintableDecoder: Sendable {
    private enum State {
        case text
        case carriageReturn
        case equals
        case high(UInt8)
        /// Behind `=` and blanks: a soft line break, if nothing else follows.
        case soft
    }

    private var state = State.text
    /// Blanks that vanish if the line ends behind them (RFC 2045 §6.7, rule 3).
    private var blanks: [UInt8] = []

    mutating func decode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        output.reserveCapacity(output.count + bytes.count)
        for byte in bytes { take(byte, &output) }
    }

    mutating func finish(into output: inout [UInt8]) {
        switch state {
        case .text: break
        case .carriageReturn: output.append(ASCII.cr)
        case .equals, .soft: break
        case .high(let digit): output.append(contentsOf: [ASCII.equals, digit])
        }
        blanks.removeAll()
        state = .text
    }

    private mutating func take(_ byte: UInt8, _ output: inout [UInt8]) {
        switch state {
        case .text: text(byte, &output)
        case .carriageReturn:
            state = .text
            if byte == ASCII.lf {
                blanks.removeAll(keepingCapacity: true)
                output.append(ASCII.cr)
                output.append(ASCII.lf)
            } else {
                flush(&output)
                output.append(ASCII.cr)
                text(byte, &output)
            }
        case .equals:
            if byte.hexadecimalValue != nil {
                state = .high(byte)
            } else if byte == ASCII.lf {
                state = .text
            } else if byte == ASCII.cr || byte.isASCIIBlank {
                state = .soft
                blanks.append(byte)
            } else {
                state = .text
                output.append(ASCII.equals)
                text(byte, &output)
            }
        case .high(let digit):
            state = .text
            if let high = digit.hexadecimalValue, let low = byte.hexadecimalValue {
                output.append(high << 4 | low)
            } else {
                output.append(ASCII.equals)
                output.append(digit)
                text(byte, &output)
            }
        case .soft:
            if byte == ASCII.lf {
                state = .text
                blanks.removeAll(keepingCapacity: true)
            } else if byte == ASCII.cr || byte.isASCIIBlank, blanks.count < 4096 {
                blanks.append(byte)
            } else {
                state = .text
                output.append(ASCII.equals)
                flush(&output)
                text(byte, &output)
            }
        }
    }

    @inline(__always)
    private mutating func text(_ byte: UInt8, _ output: inout [UInt8]) {
        switch byte {
        case ASCII.equals:
            flush(&output)
            state = .equals
        case ASCII.space, ASCII.tab: blanks.append(byte)
        case ASCII.cr: state = .carriageReturn
        case ASCII.lf:
            if !blanks.isEmpty { blanks.removeAll(keepingCapacity: true) }
            output.append(byte)
        default:
            flush(&output)
            output.append(byte)
        }
        // A line of blanks without end is not worth more memory.
        if blanks.count >= 4096 { flush(&output) }
    }

    @inline(__always)
    private mutating func flush(_ output: inout [UInt8]) {
        if !blanks.isEmpty {
            output.append(contentsOf: blanks)
            blanks.removeAll(keepingCapacity: true)
        }
    }
}
