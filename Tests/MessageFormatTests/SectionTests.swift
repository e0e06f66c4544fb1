import MessageFormat
import NIOCore
import Testing

/// Section addressing, on the message that RFC 9051 §6.4.5.1 numbers.
struct SectionTests {
    static let message = ByteBuffer(
        crlf: """
            Subject: outer
            Content-Type: multipart/mixed; boundary=O

            --O

            one
            --O
            Content-Type: application/octet-stream

            two
            --O
            Content-Type: message/rfc822

            Subject: three
            Content-Type: multipart/mixed; boundary=T

            --T

            three one
            --T
            Content-Type: application/octet-stream

            three two
            --T--
            --O
            Content-Type: multipart/mixed; boundary=F

            --F
            Content-Type: image/gif

            four one
            --F
            Content-Type: message/rfc822

            Subject: four two
            From: Inner <in@x.test>
            Content-Type: multipart/mixed; boundary=I

            --I

            four two one
            --I
            Content-Type: multipart/alternative; boundary=A

            --A

            four two two one
            --A
            Content-Type: text/richtext

            four two two two
            --A--
            --I--
            --F--
            --O--

            """)

    static let structure = MessageStructure.parse(message)

    @Test func theTree() {
        #expect(
            shape(Self.structure.root)
                == "multipart/mixed[text/plain,application/octet-stream,message/rfc822[multipart/mixed[text/plain,"
                + "application/octet-stream]],multipart/mixed[image/gif,message/rfc822[multipart/mixed[text/plain,"
                + "multipart/alternative[text/plain,text/richtext]]]]]")
    }

    @Test(arguments: [
        ([1], "one"), ([2], "two"), ([3, 1], "three one"), ([3, 2], "three two"), ([4, 1], "four one"),
        ([4, 2, 1], "four two one"), ([4, 2, 2, 1], "four two two one"), ([4, 2, 2, 2], "four two two two"),
    ])
    func parts(_ path: [Int], _ text: String) {
        #expect(Self.message.at(Self.structure.range(of: .body, at: path)) == text)
        #expect(Self.structure.part(at: path)?.lineCount == 0)
    }

    @Test(arguments: [[0], [5], [1, 1], [3, 3], [-1], [4, 2, 3], [4, 2, 1, 1], [3, 1, 1]])
    func partsThatDoNotExist(_ path: [Int]) {
        #expect(Self.structure.part(at: path) == nil)
    }

    @Test func headersAndTexts() {
        let structure = Self.structure
        let bytes = Self.message
        #expect(
            bytes.at(structure.range(of: .header, at: []))
                == "Subject: outer\r\nContent-Type: multipart/mixed; boundary=O\r\n\r\n")
        #expect(
            bytes.at(structure.range(of: .header, at: [3]))
                == "Subject: three\r\nContent-Type: multipart/mixed; boundary=T\r\n\r\n")
        #expect(bytes.at(structure.range(of: .text, at: [3]))?.hasPrefix("--T\r\n\r\nthree one") == true)
        #expect(bytes.at(structure.range(of: .text, at: [3]))?.hasSuffix("--T--") == true)
        #expect(bytes.at(structure.range(of: .mime, at: [2])) == "Content-Type: application/octet-stream\r\n\r\n")
        #expect(bytes.at(structure.range(of: .mime, at: [4, 2, 2, 2])) == "Content-Type: text/richtext\r\n\r\n")
        #expect(structure.range(of: .header, at: [1]) == nil)
        #expect(structure.range(of: .mime, at: []) == nil)
        #expect(bytes.at(structure.range(of: .body, at: [])) == bytes.at(0..<bytes.readableBytes))
        #expect(structure.part(at: [4, 2])?.envelope?.subject?.text == "four two")
        #expect(structure.part(at: [4, 2])?.envelope?.sender.first?.mailbox?.text == "in")
        #expect(structure.root.leaves.count == 5)
    }

    @Test func aMessageWithoutPartsHasPartOne() {
        let bytes = ByteBuffer(crlf: "Subject: x\n\nhello\nworld\n")
        let structure = MessageStructure.parse(bytes)
        #expect(bytes.at(structure.range(of: .body, at: [1])) == "hello\r\nworld\r\n")
        #expect(bytes.at(structure.range(of: .text, at: [])) == "hello\r\nworld\r\n")
        #expect(bytes.at(structure.range(of: .mime, at: [1])) == "Subject: x\r\n\r\n")
        #expect(structure.part(at: [2]) == nil && structure.part(at: [1, 1]) == nil)
        #expect(structure.root.lineCount == 2)
    }

    @Test func aMessageThatIsAMessage() {
        let bytes = ByteBuffer(crlf: "Content-Type: message/rfc822\n\nSubject: in\n\ntext\n")
        let structure = MessageStructure.parse(bytes)
        #expect(bytes.at(structure.range(of: .header, at: [1])) == "Subject: in\r\n\r\n")
        #expect(bytes.at(structure.range(of: .body, at: [1, 1])) == "text\r\n")
    }

    @Test(arguments: [
        // A header without a blank line, and lines that are no fields.
        ("Subject: x\nnot a field\nSubject: y\n", "Subject: x\r\n", "not a field\r\nSubject: y\r\n"),
        ("From someone Mon Jan 1\nSubject: x\n\nb\n", "From someone Mon Jan 1\r\nSubject: x\r\n\r\n", "b\r\n"),
        ("\nonly body", "\r\n", "only body"),
        ("no header", "", "no header"),
        ("Subject: x\n \n folded\n\nb", "Subject: x\r\n \r\n folded\r\n\r\n", "b"),
        ("Old : x\n\nb", "Old : x\r\n\r\n", "b"),
    ])
    func headersThatAreNone(_ text: String, _ header: String, _ body: String) {
        let bytes = ByteBuffer(crlf: text)
        let root = MessageStructure.parse(bytes).root
        #expect(bytes.at(root.headerRange) == header)
        #expect(bytes.at(root.bodyRange) == body)
    }

    @Test(arguments: [
        ("--b\n\none\n--b\n\ntwo\n--b--\n", "multipart/mixed[text/plain,text/plain]"),
        // A closing delimiter forgotten, a delimiter with blanks, one with text behind it.
        ("--b \t\n\none\n--b and more\n\ntwo", "multipart/mixed[text/plain,text/plain]"),
        // Something that only begins like a delimiter.
        ("--b\n\none\n--bb\n--b-\n--b--x\n--b--", "multipart/mixed[text/plain]"),
        // No part at all.
        ("text", "text/plain"), ("--b--\n", "text/plain"),
        // The delimiter ends a header.
        ("--b\nContent-Type: image/png\n--b--", "multipart/mixed[image/png]"),
        ("--b\nContent-Type: message/rfc822\n--b--", "multipart/mixed[message/rfc822[text/plain]]"),
        // The outer delimiter ends inner parts; the inner one is forgotten then.
        (
            "--b\nContent-Type: multipart/digest; boundary=c\n\n--c\n\nSubject: x\n\ny\n--b\n\n--c\n--b--",
            "multipart/mixed[multipart/digest[message/rfc822[text/plain]],text/plain]"
        ),
        // One boundary begins like the other.
        (
            "--b\nContent-Type: multipart/mixed; boundary=\"b b\"\n\n--b b\n\nx\n--b b--\n--b--",
            "multipart/mixed[multipart/mixed[text/plain]]"
        ),
        // Encoded messages stay closed.
        (
            "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--",
            "multipart/mixed[message/rfc822]"
        ),
        // A part whose header is missing, next to its text.
        ("--b\nno field\n\nx\n--b--", "multipart/mixed[text/plain]"),
        (
            "--b\nContent-Type: multipart/mixed; boundary=c\n--c\n\nx\n--c--\n--b--",
            "multipart/mixed[multipart/mixed[text/plain]]"
        ),
    ])
    func delimiters(_ body: String, _ tree: String) {
        for text in ["Content-Type: multipart/mixed; boundary=b\n\n" + body] {
            for bytes in [ByteBuffer(string: text), ByteBuffer(crlf: text)] {
                let structure = MessageStructure.parse(bytes)
                checkInvariants(structure, bytes, text)
                #expect(shape(structure.root) == tree)
            }
        }
    }

    @Test func mixedLineEndsAreTakenAsTheyStand() {
        let bytes = ByteBuffer(
            string: "Content-Type: multipart/mixed; boundary=b\n\r\n--b\r\n\nlf\n--b\n\r\ncrlf\r\n--b--\n")
        let parts = MessageStructure.parse(bytes).root.children
        #expect(parts.map { bytes.at($0.bodyRange) } == ["lf", "crlf"])
    }

    @Test func envelopeDefaultsAndRepeats() {
        let structure = MessageStructure.parse(
            ByteBuffer(
                crlf: "From: A <a@x>\nTo: b@x\nTo: c@x\nSubject: one\nSubject: two\nSender:\nReply-To: r@x\n"
                    + "Message-Id: <m@x>\nIn-Reply-To: <p@x>\nDate: Tue,\n 1 Jul 2003 10:52:37 +0200\n\n"))
        let envelope = structure.envelope
        #expect(envelope.to.compactMap(\.addressText) == ["b@x", "c@x"])
        #expect(envelope.subject?.text == "one")
        #expect(envelope.sender == envelope.from)
        #expect(envelope.replyTo.compactMap(\.addressText) == ["r@x"])
        #expect(envelope.date?.text == "Tue, 1 Jul 2003 10:52:37 +0200")
        #expect(envelope.messageID?.text == "<m@x>" && envelope.inReplyTo?.text == "<p@x>")
    }
}
