import IMAPEndpoint
import IMAPWire
import MailModel
import MailStore
import NIOCore
import Testing

/// Keys that need a message's summary or content.
@Suite struct TextSearchTests {
    static let message = """
        Date: Tue, 1 Jul 2003 23:52:37 -0700
        From: "Terry Gray" <gray@cac.washington.edu>
        To: Friends: Ann <ann@example.test>, bob@example.test;
        Cc: =?utf-8?q?J=C3=BCrgen_Gro=C3=9F?= <j@example.test>
        Subject: =?iso-8859-1?q?Caf=E9?= und
         =?utf-8?b?w5xiZXJyYXNjaHVuZw==?=
        Message-ID: <Unique.42@example.test>
        X-Spam: Yes
        X-Empty:
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=o

        preamble text
        --o
        Content-Type: text/plain; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        The quick brown f=
        ox and the =C4pfel.
        --o
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: base64

        PHA+zpHOu8+GzrEgPGI+YmV0YTwvYj48L3A+
        --o
        Content-Type: application/octet-stream; name=report.bin
        Content-Transfer-Encoding: base64

        bm90IHNlYXJjaGVk
        --o
        Content-Type: message/rfc822

        Subject: inner =?utf-8?q?=C3=A9l=C3=A8ve?=

        Inside the forwarded one.
        --o--

        """

    struct Case: Sendable, CustomTestStringConvertible {
        let key: SearchKey
        let matches: Bool
        var testDescription: String { "\(key)" }
        init(_ key: SearchKey, _ matches: Bool) {
            self.key = key
            self.matches = matches
        }
        static func header(_ field: String, _ text: String, _ matches: Bool) -> Case {
            Case(.header(field: field, contains: text), matches)
        }
        static func body(_ text: String, _ matches: Bool) -> Case { Case(.body(contains: text), matches) }
        static func text(_ text: String, _ matches: Bool) -> Case { Case(.text(contains: text), matches) }
    }

    static let cases: [Case] = [
        .header("FROM", "terry", true),
        .header("From", "GRAY@CAC", true),
        .header("From", "Gray <gray", true),
        .header("From", "ann", false),
        .header("To", "Friends", true),
        .header("To", "Ann <ann@example.test>", true),
        .header("To", "bob@example", true),
        .header("To", "j@example", false),
        .header("Cc", "jürgen", true),
        .header("Cc", "JU\u{308}RGEN GROSS", true),
        .header("Cc", "jurgen", false),
        .header("Bcc", "a", false),
        .header("Bcc", "", false),
        .header("Subject", "café und überraschung", true),
        .header("Subject", "CAFE\u{301}", true),
        .header("Subject", "cafe", false),
        .header("subject", "=?utf-8", false),
        .header("Subject", "", true),
        .header("Message-ID", "unique.42", true),
        .header("In-Reply-To", "", false),
        .header("In-Reply-To", "x", false),
        .header("X-Spam", "YES", true),
        .header("X-Spam", "no", false),
        .header("x-spam", "", true),
        .header("X-Empty", "", true),
        .header("X-Empty", "a", false),
        .header("X-Other", "", false),
        .header("Sender", "", false),
        .header("Content-Type", "multipart/MIXED", true),
        .header("Content-Type", "text/html", false),
        .body("quick brown fox", true),
        .body("QUICK BROWN FOX AND THE äpfel", true),
        .body("f=", false),
        .body("Αλφα", true),
        .body("ΑΛΦΑ <B>beta", true),
        .body("not searched", false),
        .body("report.bin", true),
        .body("Inside the FORWARDED", true),
        .body("inner élève", true),
        .body("Terry", false),
        .body("Unique.42", false),
        .body("", true),
        .text("quick", true),
        .text("Terry", true),
        .text("X-Spam: yes", true),
        .text("überraschung", true),
        .text("nowhere at all", false),
        .text("", true),
        // 1 Jul where it was written, 2 Jul in UTC.
        Case(.day(.sent, .on, CalendarDate(2003, 7, 1)), true),
        Case(.day(.sent, .on, CalendarDate(2003, 7, 2)), false),
        Case(.day(.sent, .before, CalendarDate(2003, 7, 2)), true),
        Case(.day(.sent, .before, CalendarDate(2003, 7, 1)), false),
        Case(.day(.sent, .since, CalendarDate(2003, 7, 1)), true),
        Case(.day(.sent, .since, CalendarDate(2003, 7, 2)), false),
        Case(.day(.saved, .on, CalendarDate(1996, 7, 17)), true),
        Case(.day(.saved, .since, CalendarDate(1996, 7, 18)), false),
        Case(.emailID("M1001"), true),
        Case(.emailID("M1002"), false),
        Case(.threadID("T2001"), true),
        Case(.not(.body(contains: "fox")), false),
        Case(.and([.body(contains: "fox"), .body(contains: "beta"), .header(field: "From", contains: "terry")]), true),
        Case(.and([.body(contains: "fox"), .text(contains: "missing")]), false),
        Case(.or(.text(contains: "missing"), .header(field: "X-Spam", contains: "yes")), true),
        Case(.and([.not(.text(contains: "missing")), .not(.header(field: "Subject", contains: "missing"))]), true),
    ]

    @Test(arguments: cases) func matches(_ test: Case) async throws {
        #expect(try await SearchFixture.matches(Self.message, test.key) == test.matches)
    }

    /// The same answers where the stored summary is of no use.
    @Test(arguments: cases) func matchesWithoutSummary(_ test: Case) async throws {
        let fixture = SearchFixture([Self.message]) { message, _ in message.summary = [0] }
        #expect(try await fixture.search(test.key) == (test.matches ? [1] : []))
    }

    @Test func messagesWithoutFields() async throws {
        #expect(try await SearchFixture.matches("\nbody\n", .day(.sent, .before, CalendarDate(2030, 1, 1))) == false)
        #expect(
            try await SearchFixture.matches("Date: nonsense\n\n", .day(.sent, .since, CalendarDate(1970, 1, 1)))
                == false)
        #expect(try await SearchFixture.matches("\nbody\n", .header(field: "Subject", contains: "")) == false)
        #expect(try await SearchFixture.matches("Subject:\n\nbody\n", .header(field: "Subject", contains: "")))
        #expect(try await SearchFixture.matches("To:\n\nbody\n", .header(field: "To", contains: "")))
        #expect(try await SearchFixture.matches("", .text(contains: "x")) == false)
        #expect(try await SearchFixture.matches("", .not(.body(contains: "x"))))
    }

    @Test(arguments: [
        ("utf-16be", "\u{0}G\u{0}r\u{0}\u{FC}\u{0}n\u{0}e", "grüne"),
        ("koi8-r", "\u{F0}\u{D2}\u{C9}\u{D7}\u{C5}\u{D4}", "привет"),
        ("iso-2022-jp", "\u{1B}$BF|K\\\u{1B}(B", "日本"),
        ("shift_jis", "\u{93}\u{FA}\u{96}{", "日本"),
        ("windows-1252", "10 \u{80}", "10 €"),
        ("x-unknown", "plain ascii", "PLAIN"),
        ("utf-8", "\u{EF}\u{AC}\u{81}", "\u{FB01}"),
    ]) func charsets(charset: String, body: String, wanted: String) async throws {
        let message = "MIME-Version: 1.0\nContent-Type: text/plain; charset=\(charset)\n\n\(body)"
        #expect(try await SearchFixture.matches(message, .body(contains: wanted)))
        #expect(try await SearchFixture.matches(message, .body(contains: wanted + "!")) == false)
    }

    @Test func numbersAndOrder() async throws {
        let texts = (1...150).map { "Subject: number \($0)\nX-N: \($0 % 7)\n\nbody \($0 * 3)\n" }
        let fixture = SearchFixture(texts)
        #expect(
            try await fixture.search(.header(field: "Subject", contains: "number 14")) == [
                14, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149,
            ])
        #expect(
            try await fixture.search(.header(field: "X-N", contains: "3"))
                == (1...150).filter { $0 % 7 == 3 }.map { UInt32($0) })
        let body = (1...150).filter { "\($0 * 3)".contains("9") }.map { UInt32($0) }
        #expect(try await fixture.search(.body(contains: "9")) == body)
        #expect(try await fixture.search(.body(contains: "9"), returns: [.min]) == [3])
        #expect(try await fixture.search(.body(contains: "9"), returns: [.max]) == [body[body.count - 1]])
        #expect(try await fixture.search(.body(contains: "9"), returns: [.min, .max]) == [3, body[body.count - 1]])
        #expect(try await fixture.search(.body(contains: "9"), returns: [.min, .count]) == body)
        let either = SearchKey.or(.sequence(.single(70)), .body(contains: "450"))
        #expect(try await fixture.search(either) == [70, 150])
        #expect(try await fixture.search(either, returns: [.min]) == [70])
        #expect(try await fixture.search(either, returns: [.max]) == [150])
    }

    @Test func cheapKeysSpareTheContent() async throws {
        let texts = (1...50).map { "Subject: \($0)\n\nbody\n" }
        let fixture = SearchFixture(texts) { message, number in
            // Whoever reads any other message fails.
            if number != 7 { message.damagedFrom = 0 }
        }
        let key = SearchKey.and([
            .body(contains: "body"), .header(field: "Subject", contains: "7"), .smaller(22),
            .uid(.ranges([MessageRange(10, 160)])),
        ])
        let outcome = try await fixture.outcome(key)
        #expect(outcome.result.numbers == [7])
        #expect(outcome.failed.isEmpty)
    }

    // MARK: Large messages

    private static func large(_ charset: String, _ encoding: String, _ line: (Int) -> String) -> String {
        var text =
            "Subject: l\nMIME-Version: 1.0\nContent-Type: text/plain; charset=\(charset)\nContent-Transfer-Encoding: \(encoding)\n\n"
        for number in 0..<20_000 { text += line(number) + "\n" }
        return text
    }

    @Test func largeMessagesGoByInPieces() async throws {
        let message = Self.large("utf-8", "8bit") { "line \($0) is gr\u{C3}\u{BC}n and goes on" }
        let fixture = SearchFixture([message])
        let workers = StubWorkers()
        let outcome = try await fixture.outcome(.body(contains: "LINE 19999 is GRÜN"), workers: workers)
        #expect(outcome.result.numbers == [1])
        #expect(workers.runs >= 3)
        for number in [0, 1, 6553, 6554, 13_107, 13_108] {
            #expect(
                try await fixture.search(.body(contains: "line \(number) is grün and goes on\r\nline \(number + 1) is"))
                    == [1])
        }
        #expect(try await fixture.search(.body(contains: "line 20000")) == [])
        #expect(try await fixture.search(.not(.body(contains: "line 20000"))) == [1])
        // Found early, the rest is not read.
        let few = StubWorkers()
        _ = try await fixture.outcome(.body(contains: "line 3 "), workers: few)
        #expect(few.runs == 2)
    }

    @Test func everyPlaceInALongLineIsSearched() async throws {
        // No line ends at all, and characters of two bytes across every cut.
        let body = (0..<60_000).map { "\u{C3}\u{A4}\($0)." }.joined()
        let fixture = SearchFixture(["MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n" + body])
        for number in [0, 8000, 8001, 20_000, 40_000, 59_998] {
            #expect(try await fixture.search(.body(contains: "ä\(number).Ä\(number + 1).")) == [1])
        }
        #expect(try await fixture.search(.body(contains: "ä60000")) == [])
    }

    // MARK: What goes wrong

    @Test func unreadableMessagesAreTold() async throws {
        let texts = (1...9).map { "Subject: \($0)\n\nbody\n" }
        let fixture = SearchFixture(texts) { message, number in
            if number == 3 { message.damagedFrom = 0 }
            if number == 5 { message.shortReads = 2 }
            if number == 6 { message.summary = nil }
        }
        let outcome = try await fixture.outcome(.body(contains: "body"))
        #expect(outcome.result.numbers == [1, 2, 4, 7, 8, 9])
        #expect(outcome.failed.text == "3,5")
        #expect(outcome.failure == .damaged("checksum"))
        #expect(outcome.completion.condition == .ok)
        #expect(outcome.completion.text == "SEARCH completed, but 2 messages could not be read")
    }

    @Test func unavailableStore() async throws {
        let fixture = SearchFixture(["Subject: a\n\n"], isUnavailable: true)
        #expect(try await fixture.search(.all) == [1])
        await #expect {
            try await fixture.search(.text(contains: "a"))
        } throws: { error in
            if case SearchInterruption.store(.unavailable) = error { true } else { false }
        }
    }

    @Test func cancellation() async throws {
        let fixture = SearchFixture((1...200).map { "Subject: \($0)\n\nbody\n" })
        let task = Task {
            // The search cancels itself on its way.
            let workers = StubWorkers { withUnsafeCurrentTask { $0?.cancel() } }
            _ = try await fixture.outcome(.body(contains: "body"), workers: workers)
        }
        await #expect {
            try await task.value
        } throws: { error in
            if case SearchInterruption.cancelled = error { true } else { false }
        }
    }

    @Test func nobodyWantsTheResult() async throws {
        let fixture = SearchFixture((1...200).map { "Subject: \($0)\n\nbody\n" })
        let request = SearchRequest(
            snapshot: fixture.snapshot, key: .body(contains: "body"), now: SearchFixture.now)
        let workers = StubWorkers()
        var evaluator = SearchEvaluator(request, store: fixture.account, workers: workers) { workers.runs < 3 }
        await #expect {
            try await evaluator.run()
        } throws: { error in
            if case SearchInterruption.cancelled = error { true } else { false }
        }
        #expect(workers.runs == 3)
    }
}
