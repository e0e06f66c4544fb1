import IMAPWire
import NIOCore
import Testing

/// A small generator with a fixed seed: the same inputs in every run.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct MutationTests {
    private static let seeds = [
        "a1 LOGIN {5+}\r\nsmith \"se\\\"same\"\r\n",
        "a1 SEARCH RETURN (MIN) CHARSET UTF-8 OR (1:3,*:4 NOT FROM \"x\") HEADER a {2+}\r\nbc SINCE 1-Feb-1994\r\n",
        "a1 UID FETCH 1:* (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (A \"B\")]<0.99> BINARY[1]) (CHANGEDSINCE 5)\r\n",
        "a1 STORE 1 (UNCHANGEDSINCE 9) +FLAGS.SILENT (\\Seen $Junk)\r\n",
        "a1 LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (\"a&U,BTFw-\" %) RETURN (STATUS (MESSAGES) CHILDREN)\r\n",
        "a1 APPEND x (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {5+}\r\nhello (\\Draft) ~{2}\r\nab\r\n",
        "a1 ID (\"name\" NIL)\r\na1 CREATE x (USE (\\Sent))\r\na1 SETQUOTA \"\" (STORAGE 9)\r\n",
        "a1 AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=\r\na1 ENABLE A B\r\na1 STATUS x (UIDNEXT)\r\n",
    ].map { Array($0.utf8) }
    private static let spice: [[UInt8]] = [
        "(", ")", "{", "}", "{99+}", "{18446744073709551615}", "\"", "\\", "\r\n", "\n", "\r", "\0", "*", ":", ",", "<",
        ">", "[", "]",
        "4294967295", "99999999999999999999", "&", "&-", "NOT ", "é", "~", "NIL", " ", "{0}",
    ].map { Array($0.utf8) }

    /// Whatever is sent, and however it is cut, the parser neither traps nor loops, and yields the same.
    @Test func mutatedCommands() {
        var generator = Generator(state: 20_211_119)
        var limits = ParserLimits()
        limits.literal = 200
        limits.line = 400
        limits.skippedLiteral = 1000
        for round in 0..<4000 {
            var bytes = Self.seeds[round % Self.seeds.count]
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let position = Int.random(in: 0...bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes.insert(contentsOf: Self.spice.randomElement(using: &generator)!, at: position)
                case 1 where position < bytes.count: bytes.remove(at: position)
                case 2 where position < bytes.count: bytes[position] = UInt8.random(in: 0...255, using: &generator)
                default: bytes.replaceSubrange(position..., with: Self.seeds.randomElement(using: &generator)!)
                }
            }
            let whole = events(bytes, limits: limits)
            #expect(whole.count <= bytes.count + 1)
            #expect(
                events(bytes, inPiecesOf: Int.random(in: 1...9, using: &generator), limits: limits) == whole,
                "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }
}
