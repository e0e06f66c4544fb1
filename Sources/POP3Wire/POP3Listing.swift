import Bytes
package import NIOCore

/// The lines of LIST or UIDL, written a part at a time, so that a large mailbox does not become one large buffer.
package struct POP3Listing: Hashable, Sendable {
    package enum Column: Hashable, Sendable {
        case sizes
        case uniqueIDs
    }

    /// Why `write` stopped.
    package enum Progress: Hashable, Sendable {
        case finished
        /// Send what there is, then go on.
        case full
        /// Look up the unique ids of these messages, `resolve` them, then go on.
        case needsUniqueIDs(Range<Int>)
    }

    /// Unique ids are looked up for so many messages at a time.
    package static let batch = 1000

    package let column: Column
    private var next = -1

    package init(_ column: Column) {
        self.column = column
    }

    /// Appends lines until `output` holds `limit` bytes or the list is closed.
    package mutating func write(_ maildrop: POP3Maildrop, into output: inout ByteBuffer, limit: Int) -> Progress {
        if next < 0 {
            let (count, octets) = maildrop.statistics
            output.writeString("+OK \(count) messages (\(octets) octets)\r\n")
            next = 0
        }
        while next < maildrop.count {
            guard output.readableBytes < limit else { return .full }
            if column == .uniqueIDs, next >= maildrop.resolvedCount {
                let start = maildrop.resolvedCount
                return .needsUniqueIDs(start..<min(start + Self.batch, maildrop.count))
            }
            if !maildrop.isDeleted(next) { Self.writeLine(column, next, maildrop, into: &output) }
            next += 1
        }
        output.writeStaticString(".\r\n")
        return .finished
    }

    /// `1 120` or `1 whqtswO00WBw418f9t5JxYwZ`, with CRLF.
    static func writeLine(_ column: Column, _ index: Int, _ maildrop: POP3Maildrop, into output: inout ByteBuffer) {
        output.writeDecimal(index + 1)
        output.writeStaticString(" ")
        switch column {
        case .sizes: output.writeDecimal(maildrop.sizes[index])
        case .uniqueIDs: output.writeString(maildrop.uniqueID(index))
        }
        output.writeStaticString("\r\n")
    }
}
