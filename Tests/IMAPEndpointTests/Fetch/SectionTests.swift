import IMAPEndpoint
import IMAPWire
import NIOCore
import Testing

/// BODY[…], RFC822 and BINARY[…] (RFC 9051 §6.4.5.1, RFC 3516).
@Suite struct SectionTests {
    /// The shape of the example in RFC 9051 §6.4.5.1: text, attachment, a message with two parts, and a multipart.
    static let nested = """
        From: a@x
        To: b@y
        Subject: outer
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=o

        --o

        first
        --o
        Content-Type: application/octet-stream
        Content-Transfer-Encoding: base64

        AAEC
        --o
        Content-Type: message/rfc822

        Subject: inner
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=i

        --i

        inner one
        --i
        Content-Type: text/html
        Content-Transfer-Encoding: quoted-printable

        =3Cb>
        --i--
        --o
        Content-Type: multipart/alternative; boundary=a

        --a

        four one
        --a
        Content-Type: message/rfc822

        Subject: plain

        deep body
        --a--
        --o--

        """

    private func section(
        _ message: String, _ part: [UInt32], _ text: Section.Text? = nil, partial: Partial? = nil
    ) async throws -> String {
        let reply = try await FetchFixture.fetch(message, .peek(part, text, partial: partial))
        #expect(reply.hasPrefix("* 1 FETCH (BODY["))
        #expect(reply.hasSuffix(")\n"))
        let value = reply.drop { $0 != "]" }.drop { $0 != " " }.dropFirst().dropLast(2)
        guard value.first == "{" else { return String(value) }
        return String(value.drop { $0 != "\n" }.dropFirst())
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let part: [UInt32]
        var text: Section.Text?
        let value: String
        var testDescription: String { "\(part) \(text.map { "\($0)" } ?? "")" }
        init(_ part: [UInt32], _ text: Section.Text?, _ value: String) {
            self.part = part
            self.text = text
            self.value = value
        }
        init(_ part: [UInt32], _ value: String) { self.init(part, nil, value) }
    }

    static let innerHeader = "Subject: inner\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=i\n\n"
    static let innerText =
        "--i\n\ninner one\n--i\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n=3Cb>\n--i--"

    static let cases: [Case] = [
        Case([], .header, nested.split(separator: "\n\n", maxSplits: 1)[0] + "\n\n"),
        Case([], .text, String(nested.split(separator: "\n\n", maxSplits: 1)[1])),
        Case([1], "first"),
        Case([1], .mime, "\n"),
        Case([2], "AAEC"),
        Case([2], .mime, "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n"),
        Case([3], innerHeader + innerText),
        Case([3], .mime, "Content-Type: message/rfc822\n\n"),
        Case([3], .header, innerHeader),
        Case([3], .text, innerText),
        Case([3], .headerFields(["SUBJECT"]), "Subject: inner\n\n"),
        Case([3], .headerFieldsNot(["subject", "mime-version"]), "Content-Type: multipart/mixed; boundary=i\n\n"),
        Case([3, 1], "inner one"),
        Case([3, 2], "=3Cb>"),
        Case([3, 2], .mime, "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"),
        Case([4, 1], "four one"),
        Case([4, 2], "Subject: plain\n\ndeep body"),
        Case([4, 2], .header, "Subject: plain\n\n"),
        Case([4, 2, 1], "deep body"),
        Case([4, 2, 1], .mime, "Subject: plain\n\n"),
        // What is not there.
        Case([0], "NIL"),
        Case([5], "NIL"),
        Case([.max], "NIL"),
        Case([1, 1], "NIL"),
        Case([3, 3], "NIL"),
        Case([3, 1, 1], "NIL"),
        Case([4, 2, 2], "NIL"),
        Case([1], .header, "NIL"),
        Case([1], .text, "NIL"),
        Case([4], .header, "NIL"),
        Case([2], .headerFields(["From"]), "NIL"),
        Case([9], .mime, "NIL"),
    ]

    @Test(arguments: cases) func parts(_ test: Case) async throws {
        #expect(try await section(Self.nested, test.part, test.text) == test.value)
    }

    @Test func partsOfAPlainMessage() async throws {
        let plain = "Subject: s\n\nbody\n"
        #expect(try await section(plain, [1]) == "body\n")
        #expect(try await section(plain, [1], .mime) == "Subject: s\n\n")
        #expect(try await section(plain, [2]) == "NIL")
        #expect(try await section(plain, [1, 1]) == "NIL")
        #expect(try await section(plain, [], .mime) == "NIL")
    }

    @Test func whole() async throws {
        let reply = "{\(FetchFixture.bytes(Self.nested).count)}\n\(Self.nested)"
        #expect(try await FetchFixture.fetch(Self.nested, .peek()) == "* 1 FETCH (BODY[] \(reply))\n")
        #expect(try await FetchFixture.fetch(Self.nested, .rfc822) == "* 1 FETCH (RFC822 \(reply))\n")
        #expect(try await FetchFixture.fetch("", .peek()) == "* 1 FETCH (BODY[] \"\")\n")
    }

    @Test func oldNames() async throws {
        let plain = "Subject: s\n\nbody\n"
        #expect(
            try await FetchFixture.fetch(plain, .rfc822Header, .rfc822Text)
                == "* 1 FETCH (RFC822.HEADER {14}\nSubject: s\n\n RFC822.TEXT {6}\nbody\n)\n")
    }

    @Test func headerFields() async throws {
        let message = "A: 1\nb: 2\n two\nA: 3\nC: 4\n\nbody"
        #expect(
            try await FetchFixture.fetch(
                message, .peek([], .headerFields(["a", "X Y"])), .peek([], .headerFieldsNot(["a"])))
                == "* 1 FETCH (BODY[HEADER.FIELDS (a \"X Y\")] {14}\nA: 1\nA: 3\n\n "
                + "BODY[HEADER.FIELDS.NOT (a)] {20}\nb: 2\n two\nC: 4\n\n)\n")
        #expect(try await section(message, [], .headerFields(["none"])) == "\n")
        #expect(try await section(message, [], .headerFields(["A"]), partial: Partial(offset: 3, count: 5)) == "1\nA:")
    }

    @Test func partial() async throws {
        let message = "Subject: s\n\n0123456789"
        func text(_ offset: Int, _ count: Int) async throws -> String {
            try await FetchFixture.fetch(message, .peek([], .text, partial: Partial(offset: offset, count: count)))
        }
        #expect(try await text(0, 4) == "* 1 FETCH (BODY[TEXT]<0> {4}\n0123)\n")
        #expect(try await text(7, 100) == "* 1 FETCH (BODY[TEXT]<7> {3}\n789)\n")
        #expect(try await text(10, 1) == "* 1 FETCH (BODY[TEXT]<10> \"\")\n")
        #expect(try await text(.max, .max) == "* 1 FETCH (BODY[TEXT]<9223372036854775807> \"\")\n")
        #expect(
            try await FetchFixture.fetch(message, .peek([], nil, partial: Partial(offset: 9, count: 1)))
                == "* 1 FETCH (BODY[]<9> {1}\ns)\n")
        #expect(
            try await FetchFixture.fetch(message, .peek([3], nil, partial: Partial(offset: 0, count: 1)))
                == "* 1 FETCH (BODY[3]<0> NIL)\n")
    }

    @Test func namesOfParts() async throws {
        #expect(
            try await FetchFixture.fetch(Self.nested, .peek([3, 2], .mime), .peek([4, 2], .headerFields(["x"])))
                == "* 1 FETCH (BODY[3.2.MIME] {72}\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n "
                + "BODY[4.2.HEADER.FIELDS (x)] {2}\n\n)\n")
    }

    @Test func zeroBytesStayWhatTheyAre() async throws {
        #expect(try await FetchFixture.fetch("A: b\n\nx\0\0y", .peek([1])) == "* 1 FETCH (BODY[1] {4}\nx\0\0y)\n")
    }

    // MARK: BINARY

    private func binary(_ part: [UInt32], _ partial: Partial? = nil) -> FetchAttribute {
        .binary(part: part, partial: partial, peek: true)
    }

    @Test func binary() async throws {
        #expect(try await FetchFixture.fetch(Self.nested, binary([2])) == "* 1 FETCH (BINARY[2] ~{3}\n\0\u{1}\u{2})\n")
        #expect(try await FetchFixture.fetch(Self.nested, binary([3, 2])) == "* 1 FETCH (BINARY[3.2] {3}\n<b>)\n")
        #expect(try await FetchFixture.fetch(Self.nested, binary([1])) == "* 1 FETCH (BINARY[1] {5}\nfirst)\n")
        #expect(try await FetchFixture.fetch(Self.nested, binary([7])) == "* 1 FETCH (BINARY[7] NIL)\n")
        #expect(
            try await FetchFixture.fetch("A: b\n\nx\0y", binary([])) == "* 1 FETCH (BINARY[] ~{11}\nA: b\n\nx\0y)\n")
        #expect(try await FetchFixture.fetch("A: b\n\n", binary([1])) == "* 1 FETCH (BINARY[1] \"\")\n")
    }

    @Test func binaryPartial() async throws {
        let message = "Content-Type: a/b\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nAAFiY2RlZg==\n"
        // 00 01 b c d e f
        #expect(
            try await FetchFixture.fetch(message, binary([1], Partial(offset: 2, count: 3)))
                == "* 1 FETCH (BINARY[1]<2> {3}\nbcd)\n")
        #expect(
            try await FetchFixture.fetch(message, binary([1], Partial(offset: 0, count: 1)))
                == "* 1 FETCH (BINARY[1]<0> ~{1}\n\0)\n")
        #expect(
            try await FetchFixture.fetch(message, binary([1], Partial(offset: 7, count: .max)))
                == "* 1 FETCH (BINARY[1]<7> \"\")\n")
        #expect(
            try await FetchFixture.fetch(message, binary([1], Partial(offset: .max, count: .max)))
                == "* 1 FETCH (BINARY[1]<9223372036854775807> \"\")\n")
    }

    @Test func binarySize() async throws {
        #expect(
            try await FetchFixture.fetch(
                Self.nested, .binarySize(part: [2]), .binarySize(part: [3, 2]), .binarySize(part: [8]))
                == "* 1 FETCH (BINARY.SIZE[2] 3 BINARY.SIZE[3.2] 3 BINARY.SIZE[8] 0)\n")
        let size = FetchFixture.bytes(Self.nested).count
        #expect(
            try await FetchFixture.fetch(Self.nested, .binarySize(part: [])) == "* 1 FETCH (BINARY.SIZE[] \(size))\n")
    }

    @Test func unknownEncodingIsRefused() async throws {
        let unknown = "MIME-Version: 1.0\nContent-Transfer-Encoding: x-new\n\nabc\n"
        let fixture = FetchFixture(["A: b\n\n1", unknown, "A: b\n\n3"])
        let (text, outcome) = try await fixture.fetch([
            .binarySize(part: [1]), .binary(part: [1], partial: nil, peek: false),
        ])
        #expect(
            text
                == "* 1 FETCH (BINARY.SIZE[1] 1 BINARY[1] {1}\r\n1)\r\n* 3 FETCH (BINARY.SIZE[1] 1 BINARY[1] {1}\r\n3)\r\n"
        )
        #expect(outcome.completion.condition == .no)
        #expect(outcome.completion.code == .unknownCTE)
        #expect(outcome.undecodable.text == "2")
        #expect(outcome.unseen == [10, 30])
        // As it is, it can be had.
        #expect(try await section(unknown, [1]) == "abc\n")
    }
}
