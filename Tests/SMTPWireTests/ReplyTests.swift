import NIOCore
import SMTPWire
import Testing

struct ReplyTests {
    static func text(_ reply: Reply, allowsUTF8: Bool = false) -> String {
        var buffer = ByteBuffer()
        buffer.write(reply, allowsUTF8: allowsUTF8)
        return String(buffer: buffer)
    }

    @Test func writesOneLine() {
        #expect(Self.text(.ok) == "250 2.0.0 OK\r\n")
        #expect(Self.text(.startMail) == "354 Start mail input; end with <CRLF>.<CRLF>\r\n")
        #expect(Self.text(.bareLineEnd).hasPrefix("550 5.6.11 "))
    }

    @Test func writesSeveralLines() {
        let hello = Reply.extendedHello(host: "mx.example", client: "c", [.pipelining, .size(10), .auth(["PLAIN"])])
        #expect(Self.text(hello) == "250-mx.example greets c\r\n250-PIPELINING\r\n250-SIZE 10\r\n250 AUTH PLAIN\r\n")
        let help = Reply(.help, .ok, "a", moreLines: ["b"])
        #expect(Self.text(help) == "214-2.0.0 a\r\n214 2.0.0 b\r\n")
    }

    @Test func cannotBeMadeToSaySomethingElse() {
        let reply = Reply(.mailboxUnavailable, .unknownMailbox, "x\r\n250 OK\u{7F}\u{e9}")
        #expect(Self.text(reply) == "550 5.1.1 x  250 OK ?\r\n")
        #expect(Self.text(reply, allowsUTF8: true) == "550 5.1.1 x  250 OK \u{e9}\r\n")
    }

    @Test func keepsLinesWithin512Octets() {
        let reply = Reply(.ok, .ok, String(repeating: "\u{e9}", count: 1000))
        #expect(Self.text(reply).utf8.count <= 512)
        #expect(Self.text(reply, allowsUTF8: true).utf8.count <= 512)
    }

    @Test func sendsChallengesWhole() {
        let challenge = String(repeating: "a", count: 4000)
        #expect(Self.text(Reply(.challenge, nil, challenge)) == "334 \(challenge)\r\n")
    }

    @Test func readsEnhancedStatusCodes() {
        #expect(EnhancedStatus("5.1.1") == .unknownMailbox)
        for text in ["", "5.1", "3.0.0", "5.x.1", "5.1.1.1", "-5.1.1", "5.99999.1"] {
            #expect(EnhancedStatus(text) == nil)
        }
    }

    @Test func namesTheTransmission() {
        func name(_ extended: Bool, _ tls: Bool, _ auth: Bool, _ utf8: Bool) -> String {
            TransmissionType.name(
                isExtended: extended, isEncrypted: tls, isAuthenticated: auth, isInternationalised: utf8)
        }
        #expect(name(false, false, false, false) == "SMTP")
        #expect(name(true, false, false, false) == "ESMTP")
        #expect(name(true, true, true, false) == "ESMTPSA")
        #expect(name(true, true, false, true) == "UTF8SMTPS")
    }

    @Test(arguments: ["", "plain", "a+b=c d", "\u{e9}\r\n"])
    func xtextRoundTrips(text: String) {
        let encoded = Xtext.encode(text.utf8)
        #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3D })
        #expect(Xtext.decode(encoded.utf8) == Array(text.utf8))
    }

    @Test(arguments: ["+", "+4", "+GG", "a=b", "a b", "\u{e9}"])
    func refusesBadXtext(text: String) { #expect(Xtext.decode(text.utf8) == nil) }

    @Test(arguments: ["d\u{f6}rte@example.org", "a\\b+c=d", "\u{1F600}@x"])
    func utf8AddressesRoundTrip(text: String) {
        let encoded = UTF8AddressXtext.encode(text)
        #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        #expect(UTF8AddressXtext.decode(encoded.utf8) == text)
    }

    @Test(arguments: ["\\", "\\x", "\\x{", "\\x{}", "\\x{4}", "\\x{1234567}", "\\x{D800}", "a+b", "a=b", "a b"])
    func refusesBadUTF8Addresses(text: String) { #expect(UTF8AddressXtext.decode(text.utf8) == nil) }
}
