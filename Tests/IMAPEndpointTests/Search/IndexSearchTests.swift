import IMAPEndpoint
import IMAPWire
import MailModel
import MailStore
import NIOCore
import Testing

/// Keys that the mailbox index answers: flags, keywords, numbers, dates, sizes, MODSEQ (RFC 9051 §6.4.4, RFC 5032).
@Suite struct IndexSearchTests {
    /// Ten messages in chunks of four.
    private static let fixture = SearchFixture(
        FetchFixture.snapshot(
            sizes: [0, 100, 200, 300, 400, 500, 600, 700, 800, .max],
            flags: [[], .seen, .answered, [.seen, .flagged], .deleted, .draft, .seen, [], .all, .seen],
            keywordSets: [0, 1, 2, 0, 1, 2, 0, 0, 1, 9], sets: [[], [.junk], [.junk, .forwarded]],
            received: [
                // 2001-09-09 01:46:40 UTC is the present.
                1_000_000_000, 999_999_999, 999_999_000, 999_993_600, 999_993_599, 999_907_200, 999_907_199, 0, -1,
                1_100_000_000,
            ]))

    struct Case: Sendable, CustomTestStringConvertible {
        let key: SearchKey
        let found: [UInt32]
        var testDescription: String { "\(key)" }
        init(_ key: SearchKey, _ found: UInt32...) {
            self.key = key
            self.found = found
        }
    }

    static let cases: [Case] = [
        Case(.all, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        Case(.not(.all)),
        Case(.flag(.seen, isSet: true), 2, 4, 7, 9, 10),
        Case(.flag(.seen, isSet: false), 1, 3, 5, 6, 8),
        Case(.flag(.answered, isSet: true), 3, 9),
        Case(.flag(.deleted, isSet: true), 5, 9),
        Case(.flag(.draft, isSet: true), 6, 9),
        Case(.flag(.flagged, isSet: false), 1, 2, 3, 5, 6, 7, 8, 10),
        Case(.keyword(Keyword("$JUNK"), isSet: true), 2, 3, 5, 6, 9),
        Case(.keyword(.forwarded, isSet: true), 3, 6),
        Case(.keyword(.forwarded, isSet: false), 1, 2, 4, 5, 7, 8, 9),
        Case(.keyword(Keyword("never"), isSet: true)),
        Case(.recent, 3, 4, 5),
        Case(.old, 1, 2, 6, 7, 8, 9, 10),
        Case(.new, 3, 5),
        Case(.sequence(.ranges([MessageRange(2, 4), MessageRange(9, 0)])), 2, 3, 4, 9, 10),
        Case(.sequence(.ranges([MessageRange(8, 3)])), 3, 4, 5, 6, 7, 8),
        Case(.sequence(.single(11))),
        Case(.sequence(.ranges([MessageRange(10, .max)])), 10),
        Case(.uid(.ranges([MessageRange(25, 45), MessageRange(100, .max)])), 3, 4, 10),
        Case(.uid(.ranges([MessageRange(0)])), 10),
        Case(.uid(.single(15))),
        Case(.larger(500), 7, 8, 9, 10),
        Case(.smaller(100), 1),
        Case(.smaller(0)),
        Case(.larger(UInt64(UInt32.max) - 1), 10),
        Case(.larger(.max)),
        Case(.smaller(.max), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        Case(.modSequence(701), 8, 9, 10),
        Case(.modSequence(700), 7, 8, 9, 10),
        Case(.modSequence(.max)),
        // 999_993_600 is the midnight that begins 2001-09-09.
        Case(.day(.received, .on, CalendarDate(2001, 9, 9)), 1, 2, 3, 4),
        Case(.day(.received, .on, CalendarDate(2001, 9, 8)), 5, 6),
        Case(.day(.received, .before, CalendarDate(2001, 9, 8)), 7, 8, 9),
        Case(.day(.received, .since, CalendarDate(2001, 9, 9)), 1, 2, 3, 4, 10),
        Case(.day(.received, .before, CalendarDate(1970, 1, 1)), 9),
        Case(.day(.received, .since, CalendarDate(9999, 12, 31))),
        Case(.day(.received, .before, CalendarDate(0, 1, 1))),
        // RFC 5032 §3.
        Case(.younger(seconds: 1000), 1, 2, 3, 10),
        Case(.older(seconds: 1000), 3, 4, 5, 6, 7, 8, 9),
        Case(.older(seconds: .max)),
        Case(.not(.flag(.seen, isSet: true)), 1, 3, 5, 6, 8),
        Case(.or(.sequence(.single(1)), .flag(.answered, isSet: true)), 1, 3, 9),
        Case(.and([.flag(.seen, isSet: true), .keyword(.junk, isSet: true), .larger(100)]), 9),
        Case(.not(.or(.flag(.seen, isSet: true), .not(.larger(0)))), 3, 5, 6, 8),
        Case(.and([.not(.and([.all, .flag(.seen, isSet: true)])), .or(.larger(650), .smaller(50))]), 1, 8),
    ]

    @Test(arguments: cases) func found(_ test: Case) async throws {
        let found = try await Self.fixture.search(test.key, recent: UIDSet([30...50]))
        #expect(found == test.found)
    }

    @Test func uids() async throws {
        let outcome = try await Self.fixture.outcome(.flag(.seen, isSet: true), isUID: true)
        #expect(outcome.result.numbers == [20, 40, 70, 90, 100])
        #expect(outcome.result.highestModSequence == nil)
        #expect(outcome.completion.condition == .ok)
    }

    /// A thousand rows a chunk, as in life.
    @Test func largeFolder() async throws {
        let count = 10_000
        let flags: [SystemFlags] = (0..<count).map { $0.isMultiple(of: 3) ? .seen : [] }
        let sizes: [UInt32] = (0..<count).map { UInt32($0) }
        let snapshot = FetchFixture.snapshot(sizes: sizes, flags: flags, rowsPerChunk: 1000)
        let fixture = SearchFixture(snapshot)
        let found = try await fixture.search(.and([.flag(.seen, isSet: true), .larger(4999)]))
        let expected: [UInt32] = (0..<count).filter { $0 > 4999 && $0.isMultiple(of: 3) }.map { UInt32($0) + 1 }
        #expect(found == expected)
        let ranges = try await fixture.search(.sequence(.ranges([MessageRange(999, 1002), MessageRange(5000, 5001)])))
        #expect(ranges == [999, 1000, 1001, 1002, 5000, 5001])
        #expect(try await fixture.search(.not(.sequence(.ranges([MessageRange(2, 9999)])))) == [1, 10_000])
    }

    @Test func emptyFolder() async throws {
        let fixture = SearchFixture(FetchFixture.snapshot(sizes: []))
        for returns in [nil, [.min], [.max], [.min, .max], [.all, .count]] as [SearchReturn?] {
            #expect(try await fixture.search(.not(.text(contains: "x")), returns: returns) == [])
        }
    }

    // MARK: RETURN and MODSEQ

    private func reply(_ key: SearchKey, _ returns: SearchReturn?, isUID: Bool = false) async throws -> String {
        let outcome = try await Self.fixture.outcome(key, returns: returns, isUID: isUID)
        var buffer = ByteBuffer()
        if let returns {
            buffer.writeIMAPExtendedSearch(outcome.result, tag: "A282", isUID: isUID, returns: returns)
        } else {
            buffer.writeIMAPSearch(outcome.result)
        }
        return String(buffer: buffer)
    }

    @Test func extendedReplies() async throws {
        let seen = SearchKey.flag(.seen, isSet: true)
        #expect(try await reply(seen, nil) == "* SEARCH 2 4 7 9 10\r\n")
        #expect(try await reply(seen, [.all]) == "* ESEARCH (TAG \"A282\") ALL 2,4,7,9:10\r\n")
        #expect(try await reply(seen, [.min, .count]) == "* ESEARCH (TAG \"A282\") MIN 2 COUNT 5\r\n")
        #expect(try await reply(seen, [.min]) == "* ESEARCH (TAG \"A282\") MIN 2\r\n")
        #expect(try await reply(seen, [.max]) == "* ESEARCH (TAG \"A282\") MAX 10\r\n")
        #expect(try await reply(seen, [.min, .max], isUID: true) == "* ESEARCH (TAG \"A282\") UID MIN 20 MAX 100\r\n")
        #expect(try await reply(.sequence(.single(4)), [.min, .max]) == "* ESEARCH (TAG \"A282\") MIN 4 MAX 4\r\n")
        #expect(try await reply(.not(.all), [.min, .max]) == "* ESEARCH (TAG \"A282\")\r\n")
        #expect(try await reply(.not(.all), [.all, .count]) == "* ESEARCH (TAG \"A282\") COUNT 0\r\n")
    }

    /// RFC 4731 §3.2: which messages the MODSEQ of the reply is about.
    @Test func modSequences() async throws {
        let key = SearchKey.and([.modSequence(1), .flag(.seen, isSet: true), .sequence(.ranges([MessageRange(1, 9)]))])
        #expect(try await reply(key, nil) == "* SEARCH 2 4 7 9 (MODSEQ 900)\r\n")
        #expect(try await reply(key, [.min]) == "* ESEARCH (TAG \"A282\") MIN 2 MODSEQ 200\r\n")
        #expect(try await reply(key, [.max]) == "* ESEARCH (TAG \"A282\") MAX 9 MODSEQ 900\r\n")
        #expect(try await reply(key, [.min, .max]) == "* ESEARCH (TAG \"A282\") MIN 2 MAX 9 MODSEQ 900\r\n")
        #expect(try await reply(key, [.min, .count]) == "* ESEARCH (TAG \"A282\") MIN 2 COUNT 4 MODSEQ 900\r\n")
        #expect(try await reply(.and([.modSequence(1), .smaller(0)]), nil) == "* SEARCH\r\n")
    }

    @Test func charsets() {
        #expect(SearchRequest.supports(charset: nil))
        #expect(SearchRequest.supports(charset: "utf-8"))
        #expect(SearchRequest.supports(charset: "US-ASCII"))
        #expect(!SearchRequest.supports(charset: "X-NONE"))
        let command = SearchCommand(isUID: false, charset: "KLINGON", key: .all)
        #expect(SearchRequest(command, in: Self.fixture.snapshot, now: SearchFixture.now) == nil)
    }
}
