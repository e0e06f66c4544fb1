import IMAPEndpoint
import IMAPWire
import MailModel
import MailStore
import NIOCore
import Testing

@Suite struct IndexRendererTests {
    private func lines(
        _ snapshot: MailboxSnapshot, _ items: [IndexRenderer.Item], recent: UIDSet = UIDSet(),
        changedSince: UInt64? = nil
    ) -> [String] {
        var renderer = IndexRenderer(snapshot, items: items, recent: recent, changedSince: changedSince)
        var buffer = ByteBuffer()
        renderer.writeLines(0..<snapshot.count, into: &buffer)
        return String(buffer: buffer).split(separator: "\r\n").map(String.init)
    }

    @Test func allItems() {
        let snapshot = FetchFixture.snapshot(sizes: [4286], flags: [.seen])
        #expect(
            lines(snapshot, [.uid, .flags, .internalDate, .size, .modSequence]) == [
                "* 1 FETCH (UID 10 FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 09:44:25 +0000\" RFC822.SIZE 4286 MODSEQ (100))"
            ])
        #expect(lines(snapshot, [.flags]) == ["* 1 FETCH (FLAGS (\\Seen))"])
    }

    @Test func numbersCountAcrossChunks() {
        let snapshot = FetchFixture.snapshot(sizes: Array(repeating: 1, count: 11), rowsPerChunk: 4)
        #expect(lines(snapshot, [.uid]) == (1...11).map { "* \($0) FETCH (UID \($0 * 10))" })
        var renderer = IndexRenderer(snapshot, items: [.uid])
        var buffer = ByteBuffer()
        renderer.writeLines(3..<9, into: &buffer)
        #expect(String(buffer: buffer).hasPrefix("* 4 FETCH (UID 40)\r\n* 5 "))
        #expect(String(buffer: buffer).hasSuffix("* 9 FETCH (UID 90)\r\n"))
    }

    @Test(arguments: 0..<32) func flagsAgreeWithTheEncoder(bits: Int) {
        let flags = SystemFlags(rawValue: UInt16(bits))
        let snapshot = FetchFixture.snapshot(
            sizes: [1, 1], flags: [flags, flags], keywordSets: [0, 1],
            sets: [[], [Keyword("$Junk"), Keyword("$Forwarded")]])
        for (isRecent, recent) in [(false, UIDSet()), (true, UIDSet.all)] {
            var plain = ByteBuffer()
            plain.writeIMAPFlags(flags, [], isRecent: isRecent)
            var keywords = ByteBuffer()
            keywords.writeIMAPFlags(flags, [Keyword("$Forwarded"), Keyword("$Junk")], isRecent: isRecent)
            #expect(
                lines(snapshot, [.flags], recent: recent) == [
                    "* 1 FETCH (FLAGS \(String(buffer: plain)))", "* 2 FETCH (FLAGS \(String(buffer: keywords)))",
                ])
        }
    }

    @Test func recentIsPerMessage() {
        let snapshot = FetchFixture.snapshot(sizes: [1, 1, 1])
        #expect(
            lines(snapshot, [.flags], recent: UIDSet([20...25])) == [
                "* 1 FETCH (FLAGS ())", "* 2 FETCH (FLAGS (\\Recent))", "* 3 FETCH (FLAGS ())",
            ])
    }

    @Test func onlyWhatChanged() {
        let snapshot = FetchFixture.snapshot(sizes: Array(repeating: 1, count: 6))
        #expect(
            lines(snapshot, [.modSequence], changedSince: 400) == [
                "* 5 FETCH (MODSEQ (500))", "* 6 FETCH (MODSEQ (600))",
            ])
        #expect(lines(snapshot, [.modSequence], changedSince: .max).isEmpty)
    }

    @Test func manyLongKeywords() {
        let long = Set((0..<200).map { Keyword(String(repeating: "k", count: 120) + String(1000 + $0)) })
        let snapshot = FetchFixture.snapshot(
            sizes: Array(repeating: 1, count: 40), keywordSets: (0..<40).map { UInt16($0 % 3) },
            sets: [[], long, [.junk]],
            rowsPerChunk: 40)
        let found = lines(snapshot, [.flags, .uid])
        let names = long.map(\.name).sorted().joined(separator: " ")
        #expect(found.count == 40)
        for (index, line) in found.enumerated() {
            let flags = index % 3 == 0 ? "" : index % 3 == 1 ? names : "$Junk"
            #expect(line == "* \(index + 1) FETCH (FLAGS (\(flags)) UID \((index + 1) * 10))")
        }
    }

    @Test func numbersOfEveryLength() {
        let sizes: [UInt32] = [
            0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 99_999, 100_000, 999_999, 1_000_000, 9_999_999, 10_000_000,
            99_999_999, 100_000_000, 999_999_999, 1_000_000_000, .max,
        ]
        let changes: [Int64] = [
            0, 7, 4_294_967_295, 4_294_967_296, 999_999_999_999, 1_000_000_000_000, identifierLimit - 1,
            281_474_000_000_007,
            10_000_000_000, Int64.max,
        ]
        let snapshot = FetchFixture.snapshot(sizes: sizes, changes: changes)
        let found = lines(snapshot, [.size, .modSequence])
        for (index, line) in found.enumerated() {
            let change = index < changes.count ? changes[index] : Int64(index + 1) * 100
            #expect(line == "* \(index + 1) FETCH (RFC822.SIZE \(sizes[index]) MODSEQ (\(change)))")
        }
    }

    @Test(arguments: [
        Int64(0), -1, 1, 86_399, 86_400, -86_401, 837_596_665, 951_782_400, 951_868_799, 4_102_444_799, 253_402_300_799,
        -62_167_219_200,
    ]) func datesAgreeWithTheEncoder(seconds: Int64) {
        let snapshot = FetchFixture.snapshot(sizes: [1, 1], received: [seconds, seconds &+ 3600])
        var expected = ByteBuffer()
        expected.writeIMAPDateTime(DateTime(Timestamp(seconds: seconds)))
        #expect(lines(snapshot, [.internalDate])[0] == "* 1 FETCH (INTERNALDATE \(String(buffer: expected)))")
    }

    @Test func datesOutsideTheCalendarAreClipped() {
        let snapshot = FetchFixture.snapshot(sizes: [1, 1], received: [.max, .min])
        #expect(
            lines(snapshot, [.internalDate]) == [
                "* 1 FETCH (INTERNALDATE \"31-Dec-9999 23:59:59 +0000\")",
                "* 2 FETCH (INTERNALDATE \" 1-Jan-0000 00:00:00 +0000\")",
            ])
    }

    @Test func itemsOfOneRow() {
        let snapshot = FetchFixture.snapshot(sizes: [1, 2, 3, 4, 5, 6])
        var renderer = IndexRenderer(snapshot, items: [.uid, .size])
        var buffer = ByteBuffer()
        renderer.writeItems(at: 5, into: &buffer)
        renderer.writeItems(at: 6, into: &buffer)
        #expect(String(buffer: buffer) == "UID 60 RFC822.SIZE 6")
    }
}

@Suite struct RowSelectionTests {
    private let snapshot = FetchFixture.snapshot(sizes: Array(repeating: 1, count: 9))

    private func numbers(_ ranges: (UInt32, UInt32)...) -> [Range<Int>]? {
        RowSelection(numbers: .ranges(ranges.map { MessageRange($0.0, $0.1) }), in: snapshot)?.ranges
    }

    private func uids(_ ranges: (UInt32, UInt32)...) -> [Range<Int>] {
        RowSelection(uids: .ranges(ranges.map { MessageRange($0.0, $0.1) }), in: snapshot).ranges
    }

    @Test func byNumber() {
        #expect(numbers((1, 0)) == [0..<9])
        #expect(numbers((0, 0)) == [8..<9])
        #expect(numbers((4, 2), (7, 7)) == [1..<4, 6..<7])
        #expect(numbers((9, 9)) == [8..<9])
        #expect(numbers((9, 10)) == nil)
        #expect(numbers((10, 10)) == nil)
        #expect(numbers((.max, 1)) == nil)
    }

    @Test func byUID() {
        #expect(uids((1, 0)) == [0..<9])
        #expect(uids((20, 40)) == [1..<4])
        #expect(uids((21, 39)) == [2..<3])
        #expect(uids((21, 29)) == [])
        // `*` is the last message, so a range from beyond it names that message (RFC 9051 §6.4.9).
        #expect(uids((500, 0)) == [8..<9])
        #expect(uids((91, 500)) == [])
        #expect(uids((.max, .max)) == [])
        #expect(uids((90, .max)) == [8..<9])
    }

    @Test func inAnEmptyFolder() {
        let empty = FetchFixture.snapshot(sizes: [])
        #expect(RowSelection(numbers: .ranges([MessageRange(1, 0)]), in: empty)?.isEmpty == true)
        #expect(RowSelection(numbers: .ranges([MessageRange(1)]), in: empty) == nil)
        #expect(RowSelection(uids: .ranges([MessageRange(1, 0)]), in: empty).isEmpty)
    }
}
