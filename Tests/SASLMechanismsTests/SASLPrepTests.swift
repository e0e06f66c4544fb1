import SASLMechanisms
import Testing

@Suite struct SASLPrepTests {
    /// RFC 4013 §3, and what lies next to it.
    @Test(arguments: [
        ("I\u{AD}X", "IX"), ("user", "user"), ("USER", "USER"), ("\u{AA}", "a"), ("\u{2168}", "IX"),
        ("", ""), ("\u{AD}", ""), ("a\u{A0}b", "a b"), ("a\u{3000}b", "a b"), ("a\u{200B}b", "ab"),
        ("e\u{301}", "\u{E9}"), ("\u{FB01}", "fi"), ("\u{FF21}", "A"), ("\u{1F511}", "\u{1F511}"),
        ("\u{627}1\u{628}", "\u{627}1\u{628}"), ("\u{5D0}\u{5D1}", "\u{5D0}\u{5D1}"), (" a ", " a "),
    ])
    func allowed(input: String, output: String) {
        #expect(SASLPrep.prepare(input).map { Array($0.unicodeScalars) } == Array(output.unicodeScalars))
        #expect(SASLPrep.prepare(output).map { Array($0.unicodeScalars) } == Array(output.unicodeScalars))
    }

    @Test(arguments: [
        "\u{7}", "\u{627}1", "1\u{627}", "\u{627}a\u{628}", "a\u{7F}", "a\u{85}", "\u{E000}", "\u{FFF9}",
        "\u{FFFD}", "\u{2FF0}", "\u{200E}", "\u{E0001}", "a\nb", "a\u{0}b", "\u{2028}",
    ])
    func prohibited(input: String) {
        #expect(SASLPrep.prepare(input) == nil)
    }

    /// Noncharacters, which no literal may hold.
    @Test(arguments: [0xFDD0, 0x1FFFE, 0x10FFFF] as [UInt32])
    func noncharacters(code: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(code))
        #expect(SASLPrep.prepare(String(Character(scalar))) == nil)
    }
}
