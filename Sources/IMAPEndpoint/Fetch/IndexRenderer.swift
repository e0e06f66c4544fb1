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
    private let steps: [(item: Item, name: ShortText)]
    /// UIDs whose messages are \Recent in this session.
    private let recent: UIDSet
    /// Rows with a change number up to this one are left out (RFC 7162 §3.1.4.1).
    private let changedSince: Int64
    private var flagTexts: FlagTexts
    private var dates = DateTexts()
    /// The most a row can need without keywords.
    private let rowBound: Int
    /// Rows for which room is reserved at once: much of it stays unused, and fresh pages cost more than the writing.
    private let rowsAtOnce: Int

    private static let begin = ShortText("* ")
    private static let open = ShortText(" FETCH (")
    private static let close = ShortText(")\r\n")

    /// `items` in the order in which they are to appear; at least one.
    package init(_ snapshot: MailboxSnapshot, items: [Item], recent: UIDSet = UIDSet(), changedSince: UInt64? = nil) {
        self.snapshot = snapshot
        self.recent = recent
        self.changedSince = changedSince.map { Int64(clamping: $0) } ?? -1
        steps = items.enumerated().map { ($1, Self.name($1, isFirst: $0 == 0)) }
        flagTexts = FlagTexts(snapshot.keywordSets)
        rowBound = 40 + items.count * (16 + FlagTexts.width + 4) + RowWriter.slack
        rowsAtOnce = max(1, (32 << 10) / rowBound)
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
                let next = writeRows(
                    row..<min(end, row + rowsAtOnce), of: chunk, start: index - position.row, whole: true, into: &buffer
                )
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
        if firstSet != 0 { room += steps.count * flagTexts.keywords(firstSet).count }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            guard let base = target.baseAddress else { return 0 }
            let end = base + target.count
            var writer = RowWriter(base)
            next = fill(rows, of: chunk, start: start, whole: whole, writer: &writer, end: end)
            return writer.cursor - base
        }
        return next
    }

    /// The loop touches nothing but locals and bare pointers: each array or field of `self` read inside it would be retained
    /// and released for every row.
    private mutating func fill(
        _ rows: Range<Int>, of chunk: MailboxChunk, start: Int, whole: Bool, writer: inout RowWriter,
        end: UnsafeMutableRawPointer
    ) -> Int {
        let (uids, flags, sets) = (chunk.uids, chunk.flags, chunk.keywordSets)
        let (changes, sizes, received) = (chunk.changes, chunk.sizes, chunk.received)
        let (begin, open, close) = (Self.begin, Self.open, Self.close)
        let (rowBound, changedSince, hasRecent) = (rowBound, changedSince, !recent.isEmpty)
        let (steps, texts, lengths) = (steps, flagTexts.system, flagTexts.systemLengths)
        var dates = dates
        var target = writer
        var row = rows.lowerBound
        steps.withUnsafeBufferPointer { steps in
            texts.withUnsafeBytes { texts in
                while row < rows.upperBound {
                    if changes[row] <= changedSince {
                        row += 1
                        continue
                    }
                    let set = sets[row]
                    let room = set == 0 ? rowBound : rowBound + steps.count * flagTexts.keywords(set).count
                    guard end - target.cursor >= room else { return }
                    if whole {
                        target.write(begin)
                        target.writeDecimal(UInt32(truncatingIfNeeded: start + row + 1))
                        target.write(open)
                    }
                    for step in steps {
                        target.write(step.name)
                        switch step.item {
                        case .flags:
                            var bits = Int(flags[row].rawValue & SystemFlags.all.rawValue)
                            if hasRecent, recent.contains(uids[row]) { bits |= FlagTexts.recent }
                            target.write(UInt8(ascii: "("))
                            // A fixed length compiles to a few vector moves; the excess is overwritten.
                            target.cursor.copyMemory(
                                from: texts.baseAddress! + bits &* FlagTexts.width, byteCount: FlagTexts.width)
                            target.cursor += Int(lengths[bits])
                            if set != 0 { writeKeywords(set, separate: lengths[bits] > 0, &target) }
                            target.write(UInt8(ascii: ")"))
                        case .uid: target.writeDecimal(uids[row])
                        case .modSequence:
                            target.write(UInt8(ascii: "("))
                            target.writeDecimal(UInt64(clamping: changes[row]))
                            target.write(UInt8(ascii: ")"))
                        case .size: target.writeDecimal(sizes[row])
                        case .internalDate: dates.write(received[row], &target)
                        }
                    }
                    if whole { target.write(close) }
                    row += 1
                }
            }
        }
        self.dates = dates
        writer = target
        return row
    }

    private mutating func writeKeywords(_ set: UInt16, separate: Bool, _ writer: inout RowWriter) {
        let keywords = flagTexts.keywords(set)
        guard !keywords.isEmpty else { return }
        if separate { writer.write(UInt8(ascii: " ")) }
        keywords.withUnsafeBytes { writer.copy($0) }
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
