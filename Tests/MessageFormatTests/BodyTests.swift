import MessageFormat
import NIOCore
import Testing

struct BodyTests {
    /// Decodes at once, and in every chunk size, which must agree.
    private func decode(_ text: [UInt8], _ encoding: TransferEncoding) -> [UInt8] {
        let whole = Array(TransferDecoder.decode(ByteBuffer(bytes: text), encoding).readableBytesView)
        for size in [1, 2, 3, 5] {
            var decoder = TransferDecoder(encoding)
            var output: [UInt8] = []
            var index = 0
            while index < text.count {
                let end = min(index + size, text.count)
                Array(text[index..<end]).withUnsafeBytes { decoder.decode($0, into: &output) }
                index = end
            }
            decoder.finish(into: &output)
            #expect(output == whole)
        }
        return whole
    }

    @Test(arguments: [
        ("J=C3=B6rg=\r\n!", "Jörg!"),
        ("soft=  \r\nline=\nend", "softlineend"),
        ("trailing blanks  \t\r\nx \nlast  ", "trailing blanks\r\nx\nlast"),
        ("a = b =ZZ =4", "a = b =ZZ =4"),
        ("lower =c3=b6", "lower ö"),
        ("a\rb \rc", "a\rb \rc"),
        ("=", ""),
        ("", ""),
        ("a=20\r\n", "a \r\n"),
    ])
    func quotedPrintable(_ text: String, _ expected: String) {
        #expect(String(decoding: decode(Array(text.utf8), .quotedPrintable), as: UTF8.self) == expected)
    }

    @Test(arguments: [
        ("aGVsbG8=", "hello"), ("aGVs\r\n bG8", "hello"), ("aGVsbG8=aGVsbG8=", "hellohello"), ("aGVsb", "hel"),
        ("-----\r\naGVsbG8=\r\n", "hello"), ("====", ""), ("", ""), ("a!G@V#s$b%G^8&=", "hello"),
    ])
    func base64(_ text: String, _ expected: String) {
        #expect(String(decoding: decode(Array(text.utf8), .base64), as: UTF8.self) == expected)
    }

    @Test func uuencode() {
        let text = "ignored\r\nbegin 644 x.txt\r\n+:&5L;&\\@=V]R;&0\r\n`\r\nend\r\nafter\r\n"
        #expect(String(decoding: decode(Array(text.utf8), .uuencode), as: UTF8.self) == "hello world")
        _ = decode([UInt8]("begin \n".utf8) + (0...255).map { $0 }, .uuencode)
    }

    @Test func unknownEncodingsAreLeftAlone() {
        let encoding = TransferEncoding(rawValue: "x-mystery")
        #expect(!encoding.isKnown)
        #expect(decode([1, 2, 3], encoding) == [1, 2, 3])
    }

    private func preview(_ message: String) -> String {
        let bytes = ByteBuffer(string: message)
        return MessageSummary.make(from: MessageStructure.parse(bytes), bytes: bytes).preview
    }

    @Test func previewIsTheFirstWords() {
        #expect(preview("Subject: x\n\n  Hello,\r\n\r\n\tworld \u{A0}\u{200B} here\n") == "Hello, world here")
        #expect(preview("\n" + String(repeating: "ä ", count: 4000)).unicodeScalars.count == 255)
        #expect(preview("\n" + String(repeating: "😀", count: 2000)).unicodeScalars.count == 255)
        #expect(
            preview(
                "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe"
            ) == "Grüße")
        #expect(preview("Content-Type: image/png\n\nxx") == "")
        #expect(preview("Content-Disposition: attachment\n\nxx") == "")
    }

    @Test func previewOfHTMLIsItsWords() {
        let html =
            "<html><head><title>T</title><style>p { x: y }</style></head><!-- no --><body><p class=\">\">One&nbsp;&amp; <b>t</b>wo<br>"
            + "three</p><script>alert('x')</script>&#8364;&#x41; 1 < 2 &unknown;</body></html>"
        #expect(preview("Content-Type: text/html\n\n" + html) == "One & two three €A 1 < 2 &unknown;")
        #expect(
            preview(
                "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<p>words\n--b--\n"
            ) == "words")
        #expect(preview("Content-Type: text/html\n\n<style>never closed") == "")
        #expect(preview("Content-Type: text/html\n\n<a href='x") == "")
    }

    @Test(arguments: [
        ("Re: Hello", "Hello"), ("RE: re: [list] Fwd: Hello (fwd)  ", "Hello"), ("[PATCH] [x] thing", "thing"),
        ("[only]", "[only]"),
        ("Fw[2]: x", "x"), ("[Fwd: Re: inner]", "inner"), ("=?utf-8?q?Re=3A_Gr=C3=BC=C3=9Fe?=", "Grüße"), ("Re:", ""),
        ("Re : [a] re: b", "b"), ("a\tb   c", "a b c"), ("(fwd)", ""), ("Regarding", "Regarding"), ("", ""),
    ])
    func baseSubjects(_ subject: String, _ base: String) {
        #expect(BaseSubject.extract(ByteBuffer(string: subject)) == base)
    }

    @Test func hostileSubjectsEnd() {
        #expect(BaseSubject.extract(ByteBuffer(string: String(repeating: "[a]", count: 40_000))).utf8.count <= 2000)
        #expect(BaseSubject.extract(ByteBuffer(string: String(repeating: "[fwd:", count: 40_000))).utf8.count <= 2000)
    }

    @Test func messageIdentifiers() {
        #expect(
            MessageIDs.list(ByteBuffer(string: "<a@b>\t<c@d> junk <e\r\n f@g> <>")).map(\.text) == [
                "a@b", "c@d", "ef@g",
            ])
        #expect(MessageIDs.first(ByteBuffer(string: " bare@id "))?.text == "bare@id")
        #expect(MessageIDs.first(ByteBuffer(string: "")) == nil)
        let many = (0..<5000).map { "<\($0)@x>" }.joined(separator: " ")
        let list = MessageIDs.list(ByteBuffer(string: many)).map(\.text)
        #expect(list.count == MessageIDs.maximum && list.first == "0@x" && list.last == "4999@x")
    }
}
