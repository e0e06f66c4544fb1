import MessageFormat
import NIOCore
import Testing

struct AddressTests {
    /// An element as `name|route|mailbox|host`, `-` for nil.
    private func line(_ address: MessageAddress) -> String {
        [address.name, address.route, address.mailbox, address.host].map { $0?.text ?? "-" }.joined(separator: "|")
    }

    @Test(arguments: [
        ("jdoe@machine.example", ["-|-|jdoe|machine.example"]),
        ("John Doe <jdoe@machine.example>", ["John Doe|-|jdoe|machine.example"]),
        ("\"Joe Q. Public\" <john.q.public@example.com>", ["Joe Q. Public|-|john.q.public|example.com"]),
        (
            "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
            ["Mary Smith|-|mary|x.test", "-|-|jdoe|example.org", "Who?|-|one|y.test"]
        ),
        (
            "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
            ["-|-|boss|nil.test", "Giant; \"Big\" Box|-|sysservices|example.net"]
        ),
        (
            "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
            ["-|-|A Group|-", "Ed Jones|-|c|a.test", "-|-|joe|where.test", "John|-|jdoe|one.test", "-|-|-|-"]
        ),
        ("Undisclosed recipients:;", ["-|-|Undisclosed recipients|-", "-|-|-|-"]),
        // RFC 5322 §A.5.
        ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", ["Pete|-|pete|silly.test"]),
        (
            "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
            [
                "-|-|A Group|-", "Chris Jones|-|c|public.example", "-|-|joe|example.org", "John|-|jdoe|one.test",
                "-|-|-|-",
            ]
        ),
        // RFC 5322 §A.6.1 and §A.6.3.
        ("Joe Q. Public <john.q.public@example.com>", ["Joe Q. Public|-|john.q.public|example.com"]),
        (
            "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
            ["Mary Smith|@node.test|mary|example.net", "-|-|jdoe|test.example"]
        ),
        ("John . Doe @ example . com", ["-|-|John.Doe|example.com"]),
        ("\"john doe\"@example.com", ["-|-|john doe|example.com"]),
        ("user@host (Full Name)", ["Full Name|-|user|host"]),
        ("user@[192.0.2.1]", ["-|-|user|[192.0.2.1]"]),
        ("用户 <用户@例子.广告>", ["用户|-|用户|例子.广告"]),
        ("=?utf-8?Q?Foo,_Bar?= <a@b>", ["=?utf-8?Q?Foo,_Bar?=|-|a|b"]),
        ("foo@example.com <foo@example.com>", ["foo@example.com|-|foo|example.com"]),
        ("John Doe doe@example.com", ["John Doe|-|doe|example.com"]),
        ("a@b c@d", ["-|-|a|b", "-|-|c|d"]),
        ("alone", ["-|-|alone|"]),
        ("<>", ["-|-||"]),
        ("<a@b", ["-|-|a|b"]),
        ("<a@b, c@d", ["-|-|a|b", "-|-|c|d"]),
        ("<<a@b>>, x", ["-|-|a|b", "-|-|x|"]),
        ("<mailto:a@b>", ["-|-|mailto:a|b"]),
        ("\"unclosed <a@b>", ["-|-|unclosed <a@b>|"]),
        ("(unclosed a@b", []),
        ("a@b@c", ["-|-|a@b|c"]),
        ("\"a\\\"b\\\\c\" <x@y>", ["a\"b\\c|-|x|y"]),
        ("", []),
        (" ,, ; ,", []),
        ("Group: a@b", ["-|-|Group|-", "-|-|a|b", "-|-|-|-"]),
    ])
    func lists(_ value: String, _ expected: [String]) {
        #expect(AddressList.parse(ByteBuffer(string: value)).map(line) == expected)
    }

    @Test func textsAreDecoded() {
        let address = AddressList.parse(ByteBuffer(string: "=?iso-8859-1?q?J=F6rg?= <j@x.test>, Grp:;"))
        #expect(address.first?.decodedName == "Jörg")
        #expect(address.first?.addressText == "j@x.test")
        #expect(address.dropFirst().first?.isGroupStart == true)
        #expect(address.last?.isGroupEnd == true)
    }

    @Test func anyBytesAreAList() {
        var random = SplitMix(state: 7)
        let alphabet = Array("ab.,:;<>@\"\\()[] \t\r\n=?".utf8) + [0, 0xC3, 0xFF]
        for _ in 0..<5000 {
            let length = Int(random.next() % 60)
            let bytes = (0..<length).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
            let list = AddressList.parse(ByteBuffer(bytes: bytes))
            #expect(list.count <= length + 1)
            #expect(list.filter(\.isGroupStart).count == list.filter(\.isGroupEnd).count)
        }
        let deep = ByteBuffer(repeating: 0x28, count: 100_000)
        #expect(AddressList.parse(deep).isEmpty)
    }
}
