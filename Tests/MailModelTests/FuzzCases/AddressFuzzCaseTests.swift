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
