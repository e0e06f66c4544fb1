import IMAPWire
import MailModel
package import MailStore
package import NIOCore

/// Writes `* n FETCH (…)` for items that a snapshot's arrays answer: FLAGS, UID, MODSEQ, INTERNALDATE, RFC822.SIZE.
///
/// This is what a client asks of every message of a folder each time it opens it, so a row is written through a pointer
/// into one reserved stretch of the buffer, with texts for all flag combinations made beforehand.
package struct IndexRenderer {
    /// An item that needs the snapshot alone.
    package enum Item: Hashable, Sendable {
        case flags, uid, modSequence, internalDate, size
    }

    private let snapshot: MailboxSnapshot
    private let items: [Item]
    private let names: [ShortText]
    /// UIDs whose messages are \Recent in this session.
    private let recent: UIDSet
    /// Rows with a change number up to this one are left out (RFC 7162 §3.1.4.1).
    private let changedSince: Int64
    private var flagTexts: FlagTexts
    private var dates = DateTexts()
    /// The most a row can need without keywords.
    private let rowBound: Int

    private static let begin = ShortText("* ")
    private static let open = ShortText(" FETCH (")
    private static let close = ShortText(")\r\n")

    /// `items` in the order in which they are to appear; at least one.
    package init(_ snapshot: MailboxSnapshot, items: [Item], recent: UIDSet = UIDSet(), changedSince: UInt64? = nil) {
        self.snapshot = snapshot
        self.items = items
        self.recent = recent
        self.changedSince = changedSince.map { Int64(clamping: $0) } ?? -1
        names = items.enumerated().map { Self.name($1, isFirst: $0 == 0) }
        flagTexts = FlagTexts(snapshot.keywordSets)
        rowBound = 40 + items.count * (16 + FlagTexts.width + 4) + RowWriter.slack
    }

    /// Writes the rows of `rows` that are to be told, each a whole response line. At most a few hundred at a time, so that
    /// nobody on the event loop waits; `rows` must lie in the snapshot.
    package mutating func writeLines(_ rows: Range<Int>, into buffer: inout ByteBuffer) {
        var index = rows.lowerBound
        while index < rows.upperBound, let position = snapshot.position(at: index) {
            let chunk = snapshot.chunks[position.chunk]
            let end = min(chunk.count, position.row + rows.upperBound - index)
            var row = position.row
            while row < end {
                let next = writeRows(row..<end, of: chunk, start: index - position.row, whole: true, into: &buffer)
                // A row whose keywords alone exceed the room is given more; it cannot come to nothing twice.
                row = next
            }
            index += end - position.row
        }
    }

    /// Writes one row's items, separated by spaces, without what surrounds them.
    package mutating func writeItems(at index: Int, into buffer: inout ByteBuffer) {
        guard let position = snapshot.position(at: index) else { return }
        let chunk = snapshot.chunks[position.chunk]
        _ = writeRows(position.row..<position.row + 1, of: chunk, start: 0, whole: false, into: &buffer)
    }

    /// Writes rows until the room is used up; returns the row to go on with.
    private mutating func writeRows(
        _ rows: Range<Int>, of chunk: MailboxChunk, start: Int, whole: Bool, into buffer: inout ByteBuffer
    ) -> Int {
        var next = rows.lowerBound
        var room = rows.count * rowBound
        let firstSet = chunk.keywordSets[rows.lowerBound]
        if firstSet != 0 { room += items.count * flagTexts.keywords(firstSet).count }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            guard let base = target.baseAddress else { return 0 }
            let end = base + target.count
            var writer = RowWriter(base)
            next = fill(rows, of: chunk, start: start, whole: whole, writer: &writer, end: end)
            return writer.cursor - base
        }
        return next
    }

    private mutating func fill(
        _ rows: Range<Int>, of chunk: MailboxChunk, start: Int, whole: Bool, writer: inout RowWriter,
        end: UnsafeMutableRawPointer
    ) -> Int {
        let hasRecent = !recent.isEmpty
        let begin = Self.begin
        let open = Self.open
        let close = Self.close
        var row = rows.lowerBound
        while row < rows.upperBound {
            if chunk.changes[row] <= changedSince {
                row += 1
                continue
            }
            let set = chunk.keywordSets[row]
            let keywords = set == 0 ? [] : flagTexts.keywords(set)
            guard end - writer.cursor >= rowBound + items.count * keywords.count else { return row }
            if whole {
                writer.write(begin)
                writer.writeDecimal(UInt32(truncatingIfNeeded: start + row + 1))
                writer.write(open)
            }
            for (item, name) in zip(items, names) {
                writer.write(name)
                switch item {
                case .flags:
                    var bits = Int(chunk.flags[row].rawValue & SystemFlags.all.rawValue)
                    if hasRecent, recent.contains(chunk.uids[row]) { bits |= FlagTexts.recent }
                    writeFlags(bits, keywords, &writer)
                case .uid: writer.writeDecimal(chunk.uids[row])
                case .modSequence:
                    writer.write(UInt8(ascii: "("))
                    writer.writeDecimal(UInt64(clamping: chunk.changes[row]))
                    writer.write(UInt8(ascii: ")"))
                case .size: writer.writeDecimal(chunk.sizes[row])
                case .internalDate: dates.write(chunk.received[row], &writer)
                }
            }
            if whole { writer.write(close) }
            row += 1
        }
        return row
    }

    @inline(__always)
    private func writeFlags(_ bits: Int, _ keywords: [UInt8], _ writer: inout RowWriter) {
        writer.write(UInt8(ascii: "("))
        let length = Int(flagTexts.systemLengths[bits])
        flagTexts.system.withUnsafeBytes { bytes in
            // A fixed length compiles to a few vector moves; the excess is overwritten.
            writer.cursor.copyMemory(
                from: bytes.baseAddress! + bits &* FlagTexts.width, byteCount: FlagTexts.width)
        }
        writer.cursor += length
        if !keywords.isEmpty {
            if length > 0 { writer.write(UInt8(ascii: " ")) }
            keywords.withUnsafeBytes { writer.copy($0) }
        }
        writer.write(UInt8(ascii: ")"))
    }

    private static func name(_ item: Item, isFirst: Bool) -> ShortText {
        switch item {
        case .flags: isFirst ? ShortText("FLAGS ") : ShortText(" FLAGS ")
        case .uid: isFirst ? ShortText("UID ") : ShortText(" UID ")
        case .modSequence: isFirst ? ShortText("MODSEQ ") : ShortText(" MODSEQ ")
        case .internalDate: isFirst ? ShortText("INTERNALDATE ") : ShortText(" INTERNALDATE ")
        case .size: isFirst ? ShortText("RFC822.SIZE ") : ShortText(" RFC822.SIZE ")
        }
    }
}
