import MailModel
import Testing

/// What `make fuzz` has found in addresses, and what came to light beside it.
@Suite struct AddressFuzzCaseTests {
    /// Two dots, of which a combining mark makes one character, were written without the quotes they need.
    @Test func dotsBeforeACombiningMarkAreQuoted() throws {
        let address = try #require(EmailAddress("\"a..\u{301}b\"@example.test"))
        #expect(address.localPart == "a..\u{301}b")
        #expect(EmailAddress(address.description) == address)
    }

    /// An A-label of a character that IDNA 2008 does not allow was shown as that character, which could not be read.
    @Test func anALabelThatLeadsNowhereIsShownAsItIs() throws {
        let domain = try #require(DomainName("xn--xnk.example"))
        #expect(domain.unicode == "xn--xnk.example")
        #expect(DomainName(domain.description) == domain)
        #expect(DomainName("xn--bcher-kva.example")?.unicode == "b\u{FC}cher.example")
    }

    /// A backslash that is itself escaped does not escape the quote behind it.
    @Test(arguments: [#""a\\"b""#, #""\\"""#, #""a\\\\"b""#])
    func aQuoteBehindAnEscapedBackslashIsNone(text: String) {
        #expect(LocalPart.normalise(text) == nil)
    }

    @Test func escapesStillCount() {
        #expect(LocalPart.normalise(#""a\"b\\""#) == #"a"b\"#)
        #expect(LocalPart.normalise(#""a\\\"b""#) == #"a\"b"#)
    }
}
