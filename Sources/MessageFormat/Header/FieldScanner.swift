import Bytes
import NIOCore

/// Where one header field lies: offsets into the bytes that were scanned.
struct FieldRanges {
    /// The first byte of the field's name.
    var start: Int
    /// One past the name; equal to `start` for a line that has none.
    var nameEnd: Int
    /// One past the colon.
    var valueStart: Int
    /// Before the line end that closes the value.
    var valueEnd: Int
    /// One past that line end: the start of the next field.
    var end: Int
}

/// Finds header fields one after another, without copying (RFC 5322 §2.2).
struct FieldScanner {
    var position = 0

    /// The next field of `bytes`; nil at the blank line that ends the header, and at the end of the bytes.
    mutating func next(in bytes: UnsafeRawBufferPointer) -> FieldRanges? {
        let start = position
        guard start < bytes.count, bytes[start] != ASCII.lf else { return nil }
        if bytes[start] == ASCII.cr, start + 1 < bytes.count, bytes[start + 1] == ASCII.lf { return nil }
        var end = start
        var firstLineEnd = -1
        repeat {
            guard let feed = bytes.offset(of: ASCII.lf, from: end) else {
                end = bytes.count
                break
            }
            end = feed + 1
            if firstLineEnd < 0 { firstLineEnd = end }
        } while end < bytes.count && bytes[end].isASCIIBlank
        if firstLineEnd < 0 { firstLineEnd = end }
        position = end

        var valueEnd = end
        if bytes[valueEnd - 1] == ASCII.lf {
            valueEnd -= 1
            if valueEnd > start, bytes[valueEnd - 1] == ASCII.cr { valueEnd -= 1 }
        }
        guard let name = FieldScanner.nameLength(bytes, start, firstLineEnd) else {
            return FieldRanges(start: start, nameEnd: start, valueStart: start, valueEnd: valueEnd, end: end)
        }
        return FieldRanges(
            start: start, nameEnd: start + name.length, valueStart: start + name.colon + 1,
            valueEnd: max(valueEnd, start + name.colon + 1), end: end)
    }

    /// The length of the field name that begins at `start` and the distance to its colon; nil where a line has none.
    /// Blanks before the colon are obsolete and accepted (RFC 5322 §4.5).
    static func nameLength(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> (length: Int, colon: Int)? {
        var index = start
        // RFC 5322 §3.6.8: a name is printable US-ASCII except the colon.
        while index < end, bytes[index] > 0x20, bytes[index] < 0x7F, bytes[index] != ASCII.colon { index += 1 }
        let length = index - start
        while index < end, bytes[index].isASCIIBlank { index += 1 }
        guard index < end, bytes[index] == ASCII.colon else { return nil }
        return (length, index - start)
    }
}

/// What a line can be while a header is being read.
enum HeaderLine {
    case blank
    case continuation
    case field
    /// No field: the header has ended without a blank line.
    case other

    /// Classifies `line`, which may include its line end. `isFirst` admits the "From " line of a mailbox file.
    static func classify(_ line: UnsafeRawBufferPointer, isFirst: Bool) -> HeaderLine {
        guard let first = line.first, first != ASCII.lf else { return .blank }
        if first == ASCII.cr, line.count == 1 || line[1] == ASCII.lf { return .blank }
        if first.isASCIIBlank { return .continuation }
        if FieldScanner.nameLength(line, 0, line.count) != nil { return .field }
        if isFirst, line.count >= 5, line[0] == 0x46, line[1] == 0x72, line[2] == 0x6F, line[3] == 0x6D, line[4] == 0x20
        {
            return .field
        }
        return .other
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes of `range` are `name`, ASCII letters compared without case.
    func matches(_ name: StaticString, _ range: Range<Int>) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        let wanted = name.utf8Start
        for index in 0..<range.count
        where self[range.lowerBound + index].asciiLowercased != wanted[index].asciiLowercased {
            return false
        }
        return true
    }

    /// `range` without blanks and line ends at either end.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, self[lower].isFoldingSpace { lower += 1 }
        while upper > lower, self[upper - 1].isFoldingSpace { upper -= 1 }
        return lower..<upper
    }
}

extension UInt8 {
    /// Space, tab, CR or LF: what folding white space is made of (RFC 5322 §3.2.2).
    var isFoldingSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0D || self == 0x0A }
}
