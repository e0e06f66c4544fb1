import Bytes

/// Base64 as it is found in bodies (RFC 2045 §6.8): line ends and foreign bytes are skipped, missing or early padding is
/// forgiven, and several encoded texts in a row are all decoded.
struct ForgivingBase64 {
    private var group: UInt32 = 0
    private var filled = 0

    mutating func decode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        output.reserveCapacity(output.count + bytes.count / 4 * 3 + 3)
        let values = Base64.values
        var group = group
        var filled = filled
        values.withUnsafeBufferPointer { values in
            for byte in bytes {
                let value = values[Int(byte)]
                if value == 0xFF {
                    if byte == ASCII.equals, filled > 0 {
                        Self.flush(group, filled, &output)
                        filled = 0
                        group = 0
                    }
                    continue
                }
                group = group << 6 | UInt32(value)
                filled += 1
                if filled == 4 {
                    output.append(UInt8(truncatingIfNeeded: group >> 16))
                    output.append(UInt8(truncatingIfNeeded: group >> 8))
                    output.append(UInt8(truncatingIfNeeded: group))
                    filled = 0
                    group = 0
                }
            }
        }
        self.group = group
        self.filled = filled
    }

    /// Gives out what an unpadded end holds.
    mutating func finish(into output: inout [UInt8]) {
        Self.flush(group, filled, &output)
        group = 0
        filled = 0
    }

    private static func flush(_ group: UInt32, _ filled: Int, _ output: inout [UInt8]) {
        switch filled {
        case 2: output.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            output.append(UInt8(truncatingIfNeeded: group >> 10))
            output.append(UInt8(truncatingIfNeeded: group >> 2))
        default: break
        }
    }
}
