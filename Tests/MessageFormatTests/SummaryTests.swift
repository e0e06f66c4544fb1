import MailModel
import MessageFormat
import NIOCore
import Testing

struct SummaryTests {
    static let message = ByteBuffer(
        crlf: """
            From: =?utf-8?q?J=C3=B6rg?= <j@x.test>
            To: Friends: a@x.test, "B, C" <b@x.test>;
            Subject: Re: [list] =?utf-8?q?Gr=C3=BC=C3=9Fe?=
            Date: Tue, 1 Jul 2003 10:52:37 +0200
            Message-ID: <id@x.test>
            In-Reply-To: <parent@x.test>
            References: <root@x.test>
             <parent@x.test>
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain; charset=utf-8
            Content-Language: de
            Content-ID: <part@x>
            Content-Description: words
            Content-MD5: xyz
            Content-Location: here

            Guten Tag
            --b
            Content-Type: message/rfc822
            Content-Disposition: attachment; filename=m.eml

            From: q@y.test
            Subject: inner

            text
            --b--

            """)

    private func summary() -> MessageSummary {
        MessageSummary.make(from: MessageStructure.parse(Self.message), bytes: Self.message)
    }

    @Test func whatItSays() {
        let summary = summary()
        #expect(summary.preview == "Guten Tag")
        #expect(summary.messageID?.text == "id@x.test")
        #expect(summary.inReplyTo?.text == "parent@x.test")
        #expect(summary.references.map(\.text) == ["root@x.test", "parent@x.test"])
        #expect(summary.baseSubject == "Grüße")
        #expect(summary.sentDate?.seconds == 1_057_049_557)
        #expect(summary.size == Self.message.readableBytes)
        #expect(summary.headerSize == summary.root.headerRange.count)
        #expect(Self.message.at(summary.range(of: .body, at: [2, 1])) == "text")
    }

    @Test func encodingGoesThereAndBack() {
        let summary = summary()
        let encoded = summary.encode()
        #expect(encoded.count < 700)
        #expect(MessageSummary(decoding: encoded) == summary)
        let empty = MessageSummary.make(from: MessageStructure.parse(ByteBuffer()), bytes: ByteBuffer())
        #expect(MessageSummary(decoding: empty.encode()) == empty)
        let old = ByteBuffer(string: "Date: 13 Feb 1969 23:32 -0330\n\n")
        let before1970 = MessageSummary.make(from: MessageStructure.parse(old), bytes: old)
        #expect(MessageSummary(decoding: before1970.encode())?.sentDate?.seconds == -27_723_480)
    }

    @Test func damageIsFound() {
        let encoded = summary().encode()
        for index in encoded.indices {
            var damaged = encoded
            damaged[index] ^= 0x10
            #expect(MessageSummary(decoding: damaged) == nil, "byte \(index)")
            #expect(MessageSummary(decoding: Array(encoded[..<index])) == nil, "cut at \(index)")
        }
    }

    /// Bytes that carry a right checksum and make no sense.
    @Test func forgedBytesDoNoHarm() {
        var random = SplitMix(state: 99)
        let payload = Array(summary().encode().dropLast(4))
        for _ in 0..<5000 {
            var bytes = payload
            for _ in 0..<(1 + random.next() % 4) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            let sum = crc(bytes)
            bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }
            if let read = MessageSummary(decoding: bytes) { #expect(MessageSummary(decoding: read.encode()) == read) }
        }
    }

    private func crc(_ bytes: [UInt8]) -> UInt32 {
        var state = ~UInt32(0)
        for byte in bytes {
            state ^= UInt32(byte)
            for _ in 0..<8 { state = (state >> 1) ^ (0x82F6_3B78 & (0 &- (state & 1))) }
        }
        return ~state
    }
}
