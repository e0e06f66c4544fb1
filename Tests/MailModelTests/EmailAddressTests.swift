import MailModel
import Testing

@Suite struct EmailAddressTests {
    @Test(arguments: [
        ("Alice@Example.TEST", "alice@example.test"),
        ("a.b+tag@example.test", "a.b+tag@example.test"),
        ("\"odd one\"@example.test", "odd one@example.test"),
        ("\"q\\\"uote\"@example.test", "q\"uote@example.test"),
        ("user@[192.0.2.1]", "user@[192.0.2.1]"),
        ("user@example.test.", "user@example.test"),
        ("müller@bücher.example", "müller@xn--bcher-kva.example"),
        ("MÜLLER@BÜCHER.example", "müller@xn--bcher-kva.example"),
        ("mu\u{308}ller@xn--bcher-kva.example", "müller@xn--bcher-kva.example"),
    ])
    func addressesHaveOneKey(text: String, key: String) {
        #expect(EmailAddress(text)?.key == key)
    }

    @Test(arguments: [
        "", "@", "a@", "@b", "a", "a b@example.test", ".a@example.test", "a.@example.test", "a..b@example.test",
        "a@-x.test", "a@x..test", "a@[", "a@[]", "\"a@example.test", "\"a\"b\"@example.test", "a@exa mple.test",
        "a@ü\u{0}.example.test", "a@b.-c.test", "a@ü b.test", "a@b-.test", "a@.", "a@xn--.test",
        "a\u{0}@example.test", "\"\r\n\"@example.test", "a@example.test\r\n",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test func longPartsAreRefused() {
        #expect(EmailAddress(String(repeating: "a", count: 64) + "@example.test") != nil)
        #expect(EmailAddress(String(repeating: "a", count: 65) + "@example.test") == nil)
        #expect(EmailAddress("a@" + String(repeating: "b", count: 64) + ".test") == nil)
    }

    @Test func bothFormsOfADomainAreShown() {
        let address = EmailAddress("Jo@BÜCHER.example")
        #expect(address?.ascii == "Jo@xn--bcher-kva.example")
        #expect(address?.description == "Jo@bücher.example")
        #expect(address?.isInternationalised == false)
        #expect(EmailAddress("\"a b\"@x.test")?.ascii == "\"a b\"@x.test")
    }

    @Test func keywordsHaveNoCase() {
        #expect(Keyword("$forwarded") == Keyword.forwarded)
        #expect(Set([Keyword("a"), Keyword("A")]).count == 1)
        #expect(Keyword("[") != Keyword("{"))
    }

    @Test(arguments: [(0, 0), (1_500_000, 1), (-1, -1), (-1_000_000, -1), (-1_000_001, -2)] as [(Int64, Int64)])
    func secondsAreRoundedDown(microseconds: Int64, seconds: Int64) {
        #expect(Timestamp(rawValue: microseconds).seconds == seconds)
    }
}
