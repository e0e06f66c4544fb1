import Bytes
import MailModel

/// Makes texts comparable: what differs only in case or in how accents are composed becomes the same bytes.
///
/// RFC 9051 §6.4.4 leaves the collation to the server. Letters are mapped to upper and then to lower case, which joins what
/// case folding joins (ß and ss, ς and σ), and the result is brought into NFC.
enum TextFolding {
    /// `text` folded, as UTF-8.
    static func fold(_ text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { fold(UnsafeRawBufferPointer($0)) }
    }

    /// ASCII stretches take the short way; the others go through Unicode's tables, together with the byte before them,
    /// which an accent may belong to.
    static func fold(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let stop = firstNonASCII(bytes, from: index) ?? bytes.count
            let plainEnd = stop == bytes.count ? stop : max(index, stop - 1)
            for position in index..<plainEnd { output.append(bytes[position].asciiLowercased) }
            index = plainEnd
            guard stop < bytes.count else { break }
            let end = endOfStretch(bytes, from: stop)
            let piece = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[index..<end]), as: UTF8.self)
            output.append(contentsOf: LocalPart.composed(piece.uppercased().lowercased()).utf8)
            index = end
        }
        return output
    }

    /// ASCII letters alone in lower case: enough to find a needle that is ASCII.
    static func foldASCII(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        Array(unsafeUninitializedCapacity: bytes.count) { target, count in
            for index in 0..<bytes.count { target[index] = bytes[index].asciiLowercased }
            count = bytes.count
        }
    }

    private static func firstNonASCII(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        while index + 8 <= bytes.count {
            if bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { break }
            index += 8
        }
        while index < bytes.count {
            if bytes[index] >= 0x80 { return index }
            index += 1
        }
        return nil
    }

    /// Behind the last byte above 0x7F before eight of ASCII in a row.
    private static func endOfStretch(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        var end = start
        while index < bytes.count, index - end < 8 {
            index += 1
            if bytes[index - 1] >= 0x80 { end = index }
        }
        return end
    }
}
