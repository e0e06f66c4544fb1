import MessageFormat
import NIOCore
import Testing

struct HeaderTests {
    static let block = HeaderBlock(
        ByteBuffer(
            string:
                "Subject: one\r\nX-Long: a\r\n\tb\r\n  c\r\nsubject : two\nEmpty:\r\nbroken\r\nTo:=?utf-8?q?J=C3=B6rg?= <j@x>\r\n\r\nBody: no\r\n"
        ))

    @Test func fieldsAreFoundInOrder() {
        #expect(Self.block.map(\.name) == ["Subject", "X-Long", "subject", "Empty", "To"])
        #expect(Self.block.map(\.unfoldedValue.text) == ["one", "a\tb  c", "two", "", "=?utf-8?q?J=C3=B6rg?= <j@x>"])
        #expect(Self.block.first(named: "x-long")?.rawValue.text == " a\r\n\tb\r\n  c")
        #expect(Self.block.first(named: "to")?.decodedValue == "Jörg <j@x>")
        #expect(Self.block.fields(named: "SUBJECT").count == 2)
        #expect(Self.block.first(named: "Body") == nil)
    }

    @Test func selectedFieldsAreByteExact() {
        #expect(
            Self.block.selecting(["SUBJECT", "x-long"]).text
                == "Subject: one\r\nX-Long: a\r\n\tb\r\n  c\r\nsubject : two\n\r\n")
        #expect(Self.block.selecting(["subject", "X-Long", "to"], excluding: true).text == "Empty:\r\n\r\n")
        #expect(Self.block.selecting(["nothing"]).text == "\r\n")
    }

    @Test func aHeaderMayEndWithTheBytes() {
        let block = HeaderBlock(ByteBuffer(string: "A: 1\r\nB: 2"))
        #expect(block.map(\.unfoldedValue.text) == ["1", "2"])
        #expect(block.selecting(["b"]).text == "B: 2\r\n\r\n")
    }

    @Test(arguments: [
        ("plain", "plain"),
        ("=?iso-8859-1?q?this=20is=20some=20text?=", "this is some text"),
        ("a =?US-ASCII?Q?Keith_Moore?= b", "a Keith Moore b"),
        // The table of RFC 2047 §8.
        ("(=?ISO-8859-1?Q?a?=)", "(a)"),
        ("(=?ISO-8859-1?Q?a?= b)", "(a b)"),
        ("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"),
        ("(=?ISO-8859-1?Q?a?=   =?ISO-8859-1?Q?b?=)", "(ab)"),
        ("(=?ISO-8859-1?Q?a_b?=)", "(a b)"),
        ("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"),
        (
            "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
            "If you can read this you understand the example."
        ),
        // A character split between two words.
        ("=?utf-8?q?J=C3?= =?utf-8?q?=B6rg?=", "Jörg"),
        // RFC 2231 §5.
        ("=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"),
        ("=?utf-8?b?w7Y?=", "ö"),
        ("=?utf-8?Q?a?b?=", "a?b"),
        ("=?unknown-thing?q?abc=E4?=", "abc\u{FFFD}"),
        ("=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"),
        ("=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=", "Привет"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?koi8-r?B?8NLJ18XU?=", "Привет"),
        ("=?utf-8?q?", "=?utf-8?q?"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=??q?abc?=", "=??q?abc?="),
        ("=?utf-8//TRANSLIT?q?abc?=", "abc"),
        ("Grüße", "Grüße"),
    ])
    func encodedWords(_ value: String, _ decoded: String) {
        #expect(EncodedWord.decode(ByteBuffer(string: value)) == decoded)
    }

    @Test func bytesThatAreNoTextDegrade() {
        #expect(EncodedWord.decode(ByteBuffer(bytes: [0x61, 0xE4, 0x62])) == "a\u{FFFD}b")
        #expect(Charset.decode([0x93, 0x61, 0x94], label: "ISO-8859-1") == "“a”")
        #expect(Charset.decode([0x82, 0xA0, 0xFD], label: "Shift_JIS") == "あ\u{FFFD}")
        #expect(Charset.decode([0x41, 0xE4, 0x41], label: "utf-16be") == "䇤\u{FFFD}")
        #expect(Charset.decode([0xE4], label: "../../etc/passwd") == "\u{FFFD}")
        #expect(Charset.decode([UInt8](repeating: 0xFF, count: 10_000), label: "euc-jp").unicodeScalars.count == 10_000)
        let long = [UInt8](repeating: 0xE4, count: 100_000)
        #expect(Charset.decode(long, label: "iso-8859-15").unicodeScalars.count == 100_000)
    }
}
