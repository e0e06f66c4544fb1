import MessageFormat
import NIOCore
import Testing

/// What must hold whatever the bytes are.
struct ParserPropertyTests {
    static let seeds: [String] = [
        "",
        "\n",
        "Subject: x",
        "From: a@b\nTo: c@d, E F <e@f>; (x\nContent-Type: text/plain; charset=utf-8\n\nhello\n",
        "Content-Type: multipart/mixed; boundary=a\n\npre\n--a\nContent-Type: multipart/alternative; boundary=\"a b\"\n\n"
            + "--a b\n\none\n--a b\nContent-Type: text/html\n\n<b>two</b>\n--a b--\nepi\n--a\n"
            + "Content-Type: message/rfc822\n\nSubject: in\nContent-Type: multipart/digest; boundary=c\n\n--c\n\n"
            + "From: x@y\n\nbody\n--c--\n--a\nContent-Disposition: attachment; filename*0*=utf-8''%C3; filename*1*=%A4\n"
            + "Content-Transfer-Encoding: base64\n\naGVsbG8=\n--a--\nafter",
        "Content-Type: multipart/mixed; boundary=x\n\n--x\nno header here\n--x\n--x\n\n--x--",
    ]

    @Test func everySplitOfAnyMessageIsTheSame() {
        for text in Self.seeds {
            for bytes in [ByteBuffer(string: text), ByteBuffer(crlf: text)] {
                let whole = MessageStructure.parse(bytes)
                checkInvariants(whole, bytes, text)
                for cut in 0...bytes.readableBytes {
                    var parser = MessageParser()
                    var rest = bytes
                    if let head = rest.readSlice(length: cut) { parser.consume(head) }
                    parser.consume(rest)
                    #expect(parser.finish() == whole, "cut at \(cut) of \(text)")
                }
                var parser = MessageParser()
                for byte in bytes.readableBytesView { parser.consume(ByteBuffer(bytes: [byte])) }
                #expect(parser.finish() == whole, "byte by byte: \(text)")
            }
        }
    }

    @Test func mutatedMessagesKeepTheInvariants() {
        var random = SplitMix(state: 20_260_101)
        let alphabet = Array("\r\n\t :;\"\\()<>@,=?-'*%/aA0".utf8) + [0, 0x80, 0xC3, 0xFF]
        for round in 0..<1500 {
            var bytes = Array(Self.seeds[Int(random.next() % UInt64(Self.seeds.count))].utf8)
            for _ in 0..<(1 + random.next() % 12) {
                let position = bytes.isEmpty ? 0 : Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0 where !bytes.isEmpty: bytes[position] = alphabet[Int(random.next() % UInt64(alphabet.count))]
                case 1 where !bytes.isEmpty: bytes.remove(at: position)
                case 2:
                    let length = min(bytes.count - position, Int(random.next() % 40))
                    bytes.insert(contentsOf: Array(bytes[position..<position + length]), at: position)
                default: bytes.insert(alphabet[Int(random.next() % UInt64(alphabet.count))], at: position)
                }
            }
            let buffer = ByteBuffer(bytes: bytes)
            let whole = MessageStructure.parse(buffer)
            checkInvariants(whole, buffer, "round \(round)")
            var parser = MessageParser()
            var rest = buffer
            while rest.readableBytes > 0 {
                let length = min(rest.readableBytes, 1 + Int(random.next() % 23))
                if let chunk = rest.readSlice(length: length) { parser.consume(chunk) }
            }
            #expect(parser.finish() == whole, "round \(round)")
            let summary = MessageSummary.make(from: whole, bytes: buffer)
            #expect(MessageSummary(decoding: summary.encode()) == summary, "round \(round)")
            _ = MIMEReport.json(for: buffer)
        }
    }

    @Test func nestingEndsAtTheLimit() {
        let nest =
            String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: 5000) + "Subject: deepest\r\n\r\nend"
        let bytes = ByteBuffer(string: nest)
        let structure = MessageStructure.parse(bytes)
        checkInvariants(structure, bytes, "messages")
        #expect(structure.isTruncated)
        var depth = 0
        var part = structure.root
        while let inside = part.children.first {
            depth += 1
            part = inside
        }
        #expect(depth == 100)
        #expect(part.contentType == "application/octet-stream")

        var multiparts = ""
        for level in 0..<5000 {
            multiparts += "Content-Type: multipart/mixed; boundary=b\(level)\r\n\r\n--b\(level)\r\n"
        }
        let many = ByteBuffer(string: multiparts)
        checkInvariants(MessageStructure.parse(many), many, "multiparts")
    }

    @Test func partsEndAtTheLimit() {
        let text =
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + String(repeating: "--b\r\n\r\nx\r\n", count: 30_000)
            + "--b--\r\n"
        let bytes = ByteBuffer(string: text)
        let structure = MessageStructure.parse(bytes)
        #expect(structure.root.children.count == 9_999)
        #expect(structure.isTruncated)
        #expect(structure.root.children.last?.bodyRange.upperBound == bytes.readableBytes - 9)
    }

    @Test func aHugeHeaderIsCountedAndCut() {
        var text = "Subject: first\r\n"
        for number in 0..<20_000 { text += "X-Filler-\(number): " + String(repeating: "y", count: 80) + "\r\n" }
        text += "Content-Type: multipart/mixed; boundary=late\r\n\r\n--late\r\n\r\nseen\r\n--late--\r\n"
        let bytes = ByteBuffer(string: text)
        let structure = MessageStructure.parse(bytes)
        checkInvariants(structure, bytes, "huge header")
        #expect(structure.isTruncated)
        #expect(shape(structure.root) == "multipart/mixed[text/plain]")
        #expect(structure.envelope.subject == ByteBuffer(string: "first"))
        let line = ByteBuffer(string: "Subject: " + String(repeating: "z", count: 3_000_000))
        let long = MessageStructure.parse(line)
        #expect(long.root.headerRange == 0..<line.readableBytes)
        #expect((long.envelope.subject?.readableBytes ?? 0) <= 128 << 10)
    }

    @Test func aMillionRecipientsAreBounded() {
        var bytes = ByteBuffer(string: "From: a@b.example\r\nTo: ")
        for line in 0..<50_000 {
            for place in 0..<20 { bytes.writeString("u\(line * 20 + place)@example.test, ") }
            bytes.writeString("\r\n ")
        }
        bytes.writeString("last@example.test\r\nSubject: crowd\r\n\r\nhello\r\n")
        let structure = MessageStructure.parse(bytes)
        #expect(structure.size == bytes.readableBytes)
        #expect(structure.isTruncated)
        #expect(structure.envelope.subject == ByteBuffer(string: "crowd"))
        #expect((5000...10_000).contains(structure.envelope.to.count))
        #expect(structure.envelope.to.allSatisfy { $0.host == ByteBuffer(string: "example.test") })
        #expect(structure.root.size == 7)
    }

    @Test func memoryStaysSmallForAnEndlessLine() {
        var parser = MessageParser()
        parser.consume(ByteBuffer(string: "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"))
        let chunk = ByteBuffer(repeating: 0x2D, count: 100_000)
        for _ in 0..<20 { parser.consume(chunk) }
        let structure = parser.finish()
        #expect(structure.root.children.first?.size == 2_000_000)
    }
}
