import Bytes

/// The encoding of uuencode(1), which old programs label x-uuencode. Lines before `begin` and after `end` are dropped.
struct UUDecoder: Sendable {
    private var line: [UInt8] = []
    private var isInside = false

    /// No line of the encoding is longer.
    private static let maximumLine = 256

    mutating func decode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        for byte in bytes {
            if byte == ASCII.lf {
                endLine(&output)
            } else if byte != ASCII.cr, line.count < Self.maximumLine {
                line.append(byte)
            }
        }
    }

    mutating func finish(into output: inout [UInt8]) {
        if !line.isEmpty { endLine(&output) }
    }

    private mutating func endLine(_ output: inout [UInt8]) {
        defer { line.removeAll(keepingCapacity: true) }
        guard isInside else {
            isInside = line.starts(with: "begin ".utf8)
            return
        }
        guard let first = line.first, line != Array("end".utf8) else {
            isInside = isInside && line.isEmpty
            return
        }
        let length = Int((first &- 0x20) & 0x3F)
        var written = 0
        var index = 1
        while written < length {
            var group: UInt32 = 0
            for step in 0..<4 {
                let byte = index + step < line.count ? line[index + step] : ASCII.space
                group = group << 6 | UInt32((byte &- 0x20) & 0x3F)
            }
            index += 4
            for shift in [16, 8, 0] as [UInt32] where written < length {
                output.append(UInt8(truncatingIfNeeded: group >> shift))
                written += 1
            }
        }
    }
}
