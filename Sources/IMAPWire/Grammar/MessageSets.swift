import Bytes

extension Cursor {
    /// `sequence-set` (RFC 9051 §9), or `$` (RFC 5182 §2.1).
    mutating func messageSet() throws(SyntaxError) -> MessageSet {
        if take(0x24) { return .saved }
        var ranges: [MessageRange] = []
        repeat {
            guard ranges.count < limits.ranges else { throw .tooMany }
            let first = try sequenceNumber()
            ranges.append(take(ASCII.colon) ? MessageRange(first, try sequenceNumber()) : MessageRange(first))
        } while take(UInt8(ascii: ","))
        return .ranges(ranges)
    }

    /// Whether a sequence set can start here.
    var isAtMessageSet: Bool { next.map { $0.isASCIIDigit || $0 == ASCII.asterisk || $0 == 0x24 } ?? false }

    private mutating func sequenceNumber() throws(SyntaxError) -> UInt32 {
        if take(ASCII.asterisk) { return 0 }
        guard let byte = next else { throw .missingArgument }
        guard byte.isASCIIDigit, let value = UInt32(exactly: try number64()), value > 0 else {
            throw .invalidMessageSet
        }
        return value
    }
}
