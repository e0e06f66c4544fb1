import MailModel
import MessageFormat
import NIOCore
import Testing

struct BuilderTests {
    private func lines(_ bytes: ByteBuffer) -> [Substring] {
        bytes.text.split(separator: "\r\n", omittingEmptySubsequences: false)
    }

    @Test func fieldsAreFoldedAndEncoded() {
        var builder = MessageBuilder()
        let subject = "Grüße aus München: " + String(repeating: "ein längerer Betreff ", count: 12)
        builder.add("Subject", text: subject)
        builder.add("X-Plain", text: String(repeating: "word ", count: 60))
        builder.add("X-Evil", text: "a\r\nBcc: victim@x.test\r\n\r\nbody")
        builder.add("From", addresses: [("Jörg Müller", "j@x.test"), ("Q. Public", "q@x.test"), (nil, "z@x.test")])
        builder.add("Date", date: Timestamp(seconds: 0))
        builder.setBody(.text("Hello\nworld"))
        let bytes = builder.build()
        #expect(bytes.readableBytesView.allSatisfy { $0 < 0x80 })
        #expect(lines(bytes).allSatisfy { $0.utf8.count <= 78 })
        let structure = MessageStructure.parse(bytes)
        let header = HeaderBlock(bytes.getSlice(at: 0, length: structure.root.headerRange.count) ?? ByteBuffer())
        #expect(
            header.first(named: "Subject")?.decodedValue == subject.split(separator: " ").joined(separator: " ") + " ")
        #expect(header.first(named: "Bcc") == nil)
        #expect(structure.envelope.from.map(\.decodedName) == ["Jörg Müller", "Q. Public", nil])
        #expect(bytes.at(structure.root.bodyRange) == "Hello\r\nworld")
        #expect(header.first(named: "Date")?.unfoldedValue.text == "Thu, 1 Jan 1970 00:00:00 +0000")
    }

    @Test func blanksInATextAreKept() {
        for text in ["a  b", "Re:   x", String(repeating: "word   ", count: 40) + "end"] {
            var builder = MessageBuilder()
            builder.add("Subject", text: "  \(text)  ")
            let bytes = builder.build()
            #expect(HeaderBlock(bytes).first(named: "Subject")?.unfoldedValue.text == text)
            #expect(lines(bytes).prefix { !$0.isEmpty }.allSatisfy { $0.contains { $0 != " " } })
        }
    }

    @Test func utf8HeadersWhereAllowed() {
        var builder = MessageBuilder(allowsUTF8: true)
        builder.add("Subject", text: "Grüße")
        builder.add("To", addresses: [("Jörg", "jörg@例子.test")])
        let bytes = builder.build()
        #expect(bytes.text.hasPrefix("Subject: Grüße\r\nTo: Jörg <jörg@例子.test>\r\n"))
    }

    @Test func bodiesComeBackAsTheyWere() {
        let text =
            "Zeile mit Umläuten = gut   \r\n.Punkt am Anfang\r\nFrom am Anfang\r\n" + String(repeating: "ü", count: 400)
            + "\t"
        let file = ByteBuffer(bytes: (0..<1000).map { UInt8(truncatingIfNeeded: $0) })
        let name = "Bericht für Q3 " + String(repeating: "lang ", count: 20) + "\"x\".pdf"
        var builder = MessageBuilder()
        builder.setBody(
            .multipart(
                "mixed",
                [
                    .multipart("alternative", [.text(text), .text("<p>x</p>", subtype: "html")]),
                    .attachment(file, type: "application/pdf", filename: name).adding("Content-ID", "<a@b>"),
                    .verbatim(ByteBuffer(string: "Subject: in\r\n\r\nx\r\n"), type: "message/rfc822"),
                ]))
        let bytes = builder.build()
        #expect(lines(bytes).allSatisfy { $0.utf8.count <= 78 })
        let structure = MessageStructure.parse(bytes)
        #expect(
            shape(structure.root)
                == "multipart/mixed[multipart/alternative[text/plain,text/html],application/pdf,message/rfc822[text/plain]]"
        )
        let plain = structure.part(at: [1, 1])
        #expect(plain.map { $0.decodedText(ByteBuffer(string: bytes.at($0.bodyRange) ?? "")) } == text)
        let attachment = structure.part(at: [2])
        #expect(attachment?.filename == name)
        #expect(attachment?.contentID?.text == "<a@b>")
        #expect(
            attachment.map {
                TransferDecoder.decode(ByteBuffer(string: bytes.at($0.bodyRange) ?? ""), $0.transferEncoding)
            } == file)
        #expect(bytes.at(structure.range(of: .body, at: [3])) == "Subject: in\r\n\r\nx\r\n")
    }

    private func report(_ utf8: Bool, _ returned: DeliveryStatusNotification.Returned) -> DeliveryStatusNotification {
        var report = DeliveryStatusNotification(
            reportingHost: "mx.example.test", from: "mailer-daemon@example.test", to: "alice@example.org",
            date: Timestamp(seconds: 1_057_049_557), messageID: "<dsn.1@mx.example.test>",
            recipients: [
                .init(
                    original: "rfc822;Bob@example.net", address: "bob@example.net", action: .failed, status: "5.1.1",
                    diagnostic: "550 5.1.1 no such user", remoteHost: "mx.example.net",
                    lastAttempt: Timestamp(seconds: 1_057_049_557)),
                .init(
                    address: "jörg@example.net", action: .delayed, status: "4.4.1",
                    willRetryUntil: Timestamp(seconds: 1_057_100_000)),
            ], returned: returned)
        report.envelopeID = "QQ314159"
        report.arrivalDate = Timestamp(seconds: 1_057_000_000)
        report.originalMessageID = "<orig@example.org>"
        report.allowsUTF8 = utf8
        return report
    }

    @Test func aReportHasTheFieldsOfRFC3464() {
        let bytes = report(false, .header(ByteBuffer(string: "Subject: original\r\n\r\n"))).build()
        #expect(bytes.readableBytesView.allSatisfy { $0 < 0x80 })
        let structure = MessageStructure.parse(bytes)
        #expect(shape(structure.root) == "multipart/report[text/plain,message/delivery-status,text/rfc822-headers]")
        #expect(structure.root.parameter("report-type") == "delivery-status")
        let status = bytes.at(structure.range(of: .body, at: [2])) ?? ""
        #expect(
            status == """
                Original-Envelope-Id: QQ314159\r
                Reporting-MTA: dns; mx.example.test\r
                Arrival-Date: Mon, 30 Jun 2003 19:06:40 +0000\r
                \r
                Original-Recipient: rfc822; Bob@example.net\r
                Final-Recipient: rfc822; bob@example.net\r
                Action: failed\r
                Status: 5.1.1\r
                Remote-MTA: dns; mx.example.net\r
                Diagnostic-Code: smtp; 550 5.1.1 no such user\r
                Last-Attempt-Date: Tue, 1 Jul 2003 08:52:37 +0000\r
                \r
                Final-Recipient: utf-8; j\\x{F6}rg@example.net\r
                Action: delayed\r
                Status: 4.4.1\r
                Will-Retry-Until: Tue, 1 Jul 2003 22:53:20 +0000\r

                """)
        #expect(bytes.at(structure.range(of: .body, at: [3])) == "Subject: original\r\n\r\n")
        #expect(bytes.at(structure.range(of: .body, at: [1]))?.contains("bob@example.net") == true)
        #expect(HeaderBlock(bytes).first(named: "Auto-Submitted")?.unfoldedValue.text == "auto-replied")
    }

    @Test func aReportInUTF8() {
        let original = ByteBuffer(string: "Subject: Grüße\r\n\r\nText\r\n")
        let bytes = report(true, .message(original)).build()
        let structure = MessageStructure.parse(bytes)
        #expect(
            shape(structure.root)
                == "multipart/report[text/plain,message/global-delivery-status,message/global[text/plain]]")
        #expect(structure.root.parameter("report-type") == "global-delivery-status")
        #expect(bytes.text.contains("Final-Recipient: utf-8; jörg@example.net\r\n"))
        #expect(bytes.at(structure.range(of: .body, at: [3])) == original.text)
    }

    @Test func otherReportsSaySo() {
        var delivered = report(false, .nothing)
        delivered.recipients = [.init(address: "bob@example.net", action: .delivered, status: "2.0.0")]
        let text = delivered.build().text
        #expect(text.contains("Subject: Your mail has been delivered") && text.contains("Action: delivered"))
        var delayed = report(false, .nothing)
        delayed.recipients.removeFirst()
        #expect(delayed.build().text.contains("Subject: Delayed mail"))
    }

    @Test func reportsAsJSON() {
        let bytes = ByteBuffer(
            crlf:
                "Subject: =?utf-8?q?\"J=C3=B6rg\"?=\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: TEXT/plain; charset=latin1\n\nGr\u{01}\n--b\n"
                + "Content-Type: image/png; name=\"a\\\\b.png\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n"
        )
        #expect(
            MIMEReport.json(for: bytes)
                == #"{"type":"multipart/mixed","parameters":{"boundary":"b"},"encoding":"7bit","disposition":null,"filename":null,"#
                + #""headers":[["Subject","\"Jörg\""],["Content-Type","multipart/mixed; boundary=b"]],"offset":0,"bodyOffset":79,"#
                + #""size":184,"lines":11,"text":null,"parts":[{"type":"text/plain","parameters":{"charset":"latin1"},"encoding":"7bit","#
                + #""disposition":null,"filename":null,"headers":[["Content-Type","TEXT/plain; charset=latin1"]],"offset":84,"#
                + #""bodyOffset":128,"size":3,"lines":0,"text":"Gr\u0001","parts":[]},{"type":"image/png","parameters":{"name":"a\\b.png"},"#
                + #""encoding":"base64","disposition":"attachment","filename":"a\\b.png","headers":[["Content-Type","image/png; name=\"a\\\\b.png\""],"#
                + #"["Content-Disposition","attachment"],["Content-Transfer-Encoding","base64"]],"offset":138,"bodyOffset":250,"size":4,"lines":0,"#
                + #""text":null,"parts":[]}]}"#)
    }
}
