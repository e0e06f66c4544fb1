/// Messages of one size that look like mail: a header, then words in lines. Each differs in its Message-ID, so that
/// none is taken for another's copy.
struct Messages {
    private let head: [UInt8]
    private let tail: [UInt8]
    private let run: String

    /// - Parameter size: bytes of each message, CRLF counted; at least the header's.
    init(size: Int, run: String) {
        self.run = run
        head = Array(
            """
            Received: from client.example (client.example [192.0.2.7])\r
            \tby mx.example with ESMTP; Sat, 21 Nov 2026 09:00:00 +0000\r
            From: Ada Lovelace <ada@sender.example>\r
            To: Charles Babbage <charles@recipient.example>\r
            Subject: Notes on the engine, part \r
            """.utf8.dropLast(2))
        let rest = """
            Date: Sat, 21 Nov 2026 09:00:00 +0000\r
            MIME-Version: 1.0\r
            Content-Type: text/plain; charset=utf-8\r
            \r

            """
        var generator = Generator(state: 42)
        var body = Array(rest.utf8)
        let wanted = max(0, size - head.count - Self.identity(0, run).count)
        var column = 0
        while body.count < wanted {
            let word = Self.words[Int(generator.next() % UInt64(Self.words.count))]
            if column + word.utf8.count > 70 {
                body += [13, 10]
                column = 0
            }
            body += Array(word.utf8) + [32]
            column += word.utf8.count + 1
        }
        if body.count > max(wanted, rest.utf8.count) { body.removeLast(body.count - max(wanted, rest.utf8.count)) }
        tail = body + [13, 10]
    }

    private static func identity(_ number: Int, _ run: String) -> String {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 9 - digits.count)) + digits
        return "\(padded)\r\nMessage-ID: <\(padded).\(run)@sender.example>\r\n"
    }

    func message(_ number: Int) -> [UInt8] { head + Array(Self.identity(number, run).utf8) + tail }

    private static let words = """
        the engine weaves algebraic patterns just as loom and flowers leaves of card in their order we may say most aptly that \
        analytical power lies in operations upon numbers where relations are those of science deeply known to mathematical minds \
        1842 1843 7.5 percent request invoice meeting Thursday please find attached regards schedule quarterly figures draft
        """.split(whereSeparator: \.isWhitespace).map(String.init)
}

/// SplitMix64: the same numbers in every run.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
