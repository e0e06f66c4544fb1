import NIOCore
import SMTPWire
import Testing

/// Thousands of damaged conversations: nothing traps, memory stays bounded, and cutting the input elsewhere changes nothing.
struct MutationTests {
    /// SplitMix64: the same sequence on every machine.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    static let seeds = [
        "EHLO x\r\nMAIL FROM:<a@b.example> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<c@d.example> NOTIFY=SUCCESS,DELAY\r\nDATA\r\nx\r\n..y\r\n.\r\nQUIT\r\n",
        "EHLO x\r\nMAIL FROM:<\"a\\\"b\"@[192.0.2.1]> RET=FULL ENVID=a+2Bb\r\nRCPT TO:<@x.y,@z:q@w.example> ORCPT=rfc822;a+40b\r\nBDAT 5\r\nhelloBDAT 0 LAST\r\n",
        "EHLO x\r\nAUTH PLAIN AGEAYg==\r\nYQ==\r\nSTARTTLS\r\nHELO y\r\nVRFY z\r\nRSET\r\nNOOP\r\n",
        "EHLO x\r\nMAIL FROM:<\u{fc}@\u{fc}.example> SMTPUTF8 AUTH=<>\r\nRCPT TO:<\u{7528}@b.example> ORCPT=utf-8;\\x{7528}@b\r\nDATA\r\n.\r\n",
    ]
    static let grains: [[UInt8]] = [
        Array("\r".utf8), Array("\n".utf8), Array("\r\n".utf8), Array(".".utf8), Array("\r\n.\r\n".utf8), [0], [0xFF],
        [0xC3],
        Array("<".utf8), Array(">".utf8), Array("@".utf8), Array("\"".utf8), Array("\\".utf8), Array("=".utf8),
        Array("+".utf8), Array(" ".utf8), Array("99999999999999999999".utf8), Array("BDAT 3\r\n".utf8), Array("[".utf8),
    ]

    static func mutate(_ seed: [UInt8], _ generator: inout Generator) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &generator) }
            case 1: bytes.insert(contentsOf: grains.randomElement(using: &generator) ?? [], at: place)
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...8, using: &generator)))
            default:
                let end = min(bytes.count, place + Int.random(in: 0...40, using: &generator))
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }

    static func run(_ bytes: [UInt8], cutting generator: inout Generator, whole: Bool) -> String {
        let rules = SessionRules(offersAuthentication: true, messageLimit: 200)
        var session = ScriptedSession(rules)
        var buffer = ByteBuffer()
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = whole ? rest.count : Int.random(in: 1...min(rest.count, 9), using: &generator)
            buffer.writeBytes(rest.prefix(length))
            rest = rest.dropFirst(length)
            session.feed(&buffer)
            #expect(buffer.readableBytes <= CommandParser.maximumAuthenticationLineLength)
        }
        return session.output + session.messages.joined(separator: "|")
    }

    @Test func survives() {
        var generator = Generator(state: 2024)
        for round in 0..<3000 {
            let seed = Array(Self.seeds[round % Self.seeds.count].utf8)
            let bytes = Self.mutate(seed, &generator)
            let whole = Self.run(bytes, cutting: &generator, whole: true)
            let parts = Self.run(bytes, cutting: &generator, whole: false)
            #expect(whole == parts, "round \(round)")
        }
    }
}
