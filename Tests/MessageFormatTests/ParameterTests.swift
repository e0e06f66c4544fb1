import MessageFormat
import NIOCore
import Testing

struct ParameterTests {
    private func part(_ header: String) -> MIMEPart {
        MessageStructure.parse(ByteBuffer(string: header + "\r\n\r\nbody")).root
    }

    @Test(arguments: [
        ("text/plain", "text/plain", []),
        ("TEXT/Html; Charset=UTF-8", "text/html", [("charset", "UTF-8")]),
        ("text/plain; charset=us-ascii (Plain text)", "text/plain", [("charset", "us-ascii")]),
        ("(c) image (d) / (e) png ; name=\"a;b\\\"c.png\"", "image/png", [("name", "a;b\"c.png")]),
        ("application/x; name=my file (1).txt; x=y", "application/x", [("name", "my file (1).txt"), ("x", "y")]),
        ("application/x; name=\"C:\\TEMP\\a.png\"", "application/x", [("name", "C:\\TEMP\\a.png")]),
        ("text/plain;; ; charset = utf-8 format=flowed", "text/plain", [("charset", "utf-8"), ("format", "flowed")]),
        ("text/plain; junk; \"x;y\"; charset=a", "text/plain", [("charset", "a")]),
        ("text/plain; charset=\"open", "text/plain", [("charset", "open")]),
        ("text", "text/plain", []),
        ("text/", "text/plain", []),
        ("", "text/plain", []),
        ("multipart/mixed", "text/plain", []),
        ("multipart/mixed; boundary=\"\"", "text/plain", []),
    ])
    func contentTypes(_ value: String, _ type: String, _ parameters: [(String, String)]) {
        let part = part("Content-Type: \(value)")
        #expect(part.contentType == type)
        #expect(part.parameters.map(\.name) == parameters.map(\.0))
        #expect(part.parameters.map(\.value.text) == parameters.map(\.1))
    }

    @Test(arguments: [
        ("filename=a.txt", "a.txt"),
        ("filename*=utf-8''%e2%82%ac%20rates", "€ rates"),
        ("filename*=iso-8859-1'en'%A3%20rates", "£ rates"),
        (
            "filename*0*=us-ascii'en'This%20is%20even%20more%20; filename*1*=%2A%2A%2Afun%2A%2A%2A%20; filename*2=\"isn't it!\"",
            "This is even more ***fun*** isn't it!"
        ),
        ("filename*1=b; filename*0=a", "ab"),
        ("filename=old; filename*=utf-8''new", "new"),
        ("filename=\"=?utf-8?q?J=C3=B6rg=2Etxt?=\"", "Jörg.txt"),
        ("filename*0=\"=?utf-8?q?J=C3=B6\"; filename*1=\"rg?=\"", "Jörg"),
        ("filename*=unknown'x'%E4", "\u{FFFD}"),
        ("filename*0*=utf-8''a%; filename*1*=%4", "a%%4"),
        ("filename*0=a; filename*2=c", "a"),
        ("filename=\"grün.txt\"", "grün.txt"),
    ])
    func fileNames(_ parameters: String, _ name: String) {
        #expect(part("Content-Disposition: attachment; \(parameters)").filename == name)
    }

    @Test func otherFields() {
        let part = part(
            "Content-Type: image/png; name*=utf-8''%C3%A4\r\nContent-ID: <a@b>\r\nContent-Description: a\r\n thing\r\n"
                + "Content-Transfer-Encoding: BASE64\r\nContent-MD5: Q2hlY2s=\r\nContent-Disposition: INLINE (x)\r\n"
                + "Content-Language: de, en-GB (x)\r\nContent-Location: http://x/y\r\nContent-Type: text/html")
        #expect(part.contentType == "image/png")
        #expect(part.filename == "ä")
        #expect(part.contentID?.text == "<a@b>")
        #expect(part.contentDescription?.text == "a thing")
        #expect(part.transferEncoding == .base64)
        #expect(part.md5?.text == "Q2hlY2s=")
        #expect(part.disposition?.kind == "inline")
        #expect(part.languages.map(\.text) == ["de", "en-GB"])
        #expect(part.location?.text == "http://x/y")
        #expect(part.parameters.first?.name == "name*")
    }

    @Test func decodedParametersAreOneEach() {
        let part = part("Content-Type: a/b; x*0=1; y=2; x*1=3; y=4")
        let all = MIMEParameter.decodedAll(part.parameters)
        #expect(all.map(\.name) == ["x", "y"])
        #expect(all.map(\.value) == ["13", "2"])
    }
}
