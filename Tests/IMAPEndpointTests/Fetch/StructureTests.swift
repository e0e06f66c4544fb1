import IMAPEndpoint
import IMAPWire
import MailModel
import NIOCore
import Testing

/// ENVELOPE, BODY and BODYSTRUCTURE, byte for byte (RFC 9051 §7.5.2). Sizes and lines were counted by hand.
@Suite struct StructureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let message: String
        let structure: String
        var testDescription: String { name }
        init(_ name: String, _ message: String, _ structure: String) {
            self.name = name
            self.message = message
            self.structure = structure
        }
    }

    static let cases: [Case] = [
        Case(
            "no MIME header", "Subject: a\n\nHello\n",
            #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1 NIL NIL NIL NIL)"#),
        Case(
            "no body", "Subject: a\n\n",
            #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)"#),
        Case("nothing", "", #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)"#),
        Case(
            "text with all fields",
            """
            MIME-Version: 1.0
            Content-Type: text/html; charset=utf-8; format="a b"
            Content-Transfer-Encoding: Quoted-Printable
            Content-ID: <id@example.test>
            Content-Description: What it is
            Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==
            Content-Disposition: inline; filename=page.html
            Content-Language: en, de-CH
            Content-Location: http://example.test/page

            <p>=C3=A9</p>
            two

            """,
            #"("text" "html" ("charset" "utf-8" "format" "a b") "<id@example.test>" "What it is" "quoted-printable" 20 2"#
                + #" "Q2hlY2sgSW50ZWdyaXR5IQ==" ("inline" ("filename" "page.html")) ("en" "de-CH") "http://example.test/page")"#
        ),
        Case(
            "attachment alone",
            """
            MIME-Version: 1.0
            Content-Type: application/pdf; name="q\\"uote.pdf"
            Content-Transfer-Encoding: base64
            Content-Disposition: attachment

            QUJD

            """,
            #"("application" "pdf" ("name" "q\"uote.pdf") NIL NIL "base64" 6 NIL ("attachment" NIL) NIL NIL)"#),
        Case(
            "alternative",
            """
            MIME-Version: 1.0
            Content-Type: multipart/alternative; boundary=b

            preamble
            --b

            plain
            --b
            Content-Type: text/html; charset=us-ascii

            <b>bold</b>
            --b--
            epilogue

            """,
            #"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0 NIL NIL NIL NIL)"#
                + #"("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 11 0 NIL NIL NIL NIL)"#
                + #" "alternative" ("boundary" "b") NIL NIL NIL)"#),
        Case(
            "mixed with attachment",
            """
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="outer"
            Content-Language: fr

            --outer
            Content-Type: multipart/alternative; boundary=inner

            --inner
            Content-Type: text/plain; charset=utf-8

            one
            two
            --inner
            Content-Type: text/html

            <i>three</i>
            --inner--
            --outer
            Content-Type: image/png
            Content-Transfer-Encoding: base64
            Content-Disposition: attachment; filename*=utf-8''%C3%A9.png

            iVBORw0KGgo=
            --outer--

            """,
            #"((("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 8 1 NIL NIL NIL NIL)"#
                + #"("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 12 0 NIL NIL NIL NIL)"#
                + #" "alternative" ("boundary" "inner") NIL NIL NIL)"#
                + #"("image" "png" NIL NIL NIL "base64" 12 NIL ("attachment" ("filename*" "utf-8''%C3%A9.png")) NIL NIL)"#
                + #" "mixed" ("boundary" "outer") NIL ("fr") NIL)"#),
        Case(
            "forwarded message",
            """
            MIME-Version: 1.0
            Content-Type: message/rfc822

            From: Inner <in@example.test>
            Subject: inside

            text

            """,
            #"("message" "rfc822" NIL NIL NIL "7bit" 56 (NIL "inside" (("Inner" NIL "in" "example.test"))"#
                + #" (("Inner" NIL "in" "example.test")) (("Inner" NIL "in" "example.test")) NIL NIL NIL NIL NIL)"#
                + #" ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 1 NIL NIL NIL NIL) 4 NIL NIL NIL NIL)"#),
        Case(
            "forwarded multipart in multipart",
            """
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=o

            --o

            see below
            --o
            Content-Type: message/rfc822
            Content-Disposition: inline

            Subject: in
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=i

            --i

            deep
            --i--
            --o--

            """,
            #"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 9 0 NIL NIL NIL NIL)"#
                + #"("message" "rfc822" NIL NIL NIL "7bit" 95 (NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL)"#
                + #" (("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 4 0 NIL NIL NIL NIL)"#
                + #" "mixed" ("boundary" "i") NIL NIL NIL) 7 NIL ("inline" NIL) NIL NIL)"#
                + #" "mixed" ("boundary" "o") NIL NIL NIL)"#),
        Case(
            "digest",
            """
            MIME-Version: 1.0
            Content-Type: multipart/digest; boundary=d

            --d

            Subject: one

            1
            --d--

            """,
            #"(("message" "rfc822" NIL NIL NIL "7bit" 17 (NIL "one" NIL NIL NIL NIL NIL NIL NIL NIL)"#
                + #" ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL) 2 NIL NIL NIL NIL)"#
                + #" "digest" ("boundary" "d") NIL NIL NIL)"#),
        Case(
            "message/global is an ordinary type for IMAP4rev1",
            """
            MIME-Version: 1.0
            Content-Type: message/global

            Subject: x

            y

            """,
            #"("message" "global" NIL NIL NIL "7bit" 17 NIL NIL NIL NIL)"#),
        Case(
            "delivery status",
            """
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=delivery-status; boundary=r

            --r

            It failed.
            --r
            Content-Type: message/delivery-status

            Reporting-MTA: dns;a

            Action: failed
            --r
            Content-Type: text/rfc822-headers

            Subject: s
            --r--

            """,
            #"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 0 NIL NIL NIL NIL)"#
                + #"("message" "delivery-status" NIL NIL NIL "7bit" 38 NIL NIL NIL NIL)"#
                + #"("text" "rfc822-headers" ("charset" "us-ascii") NIL NIL "7bit" 10 0 NIL NIL NIL NIL)"#
                + #" "report" ("report-type" "delivery-status" "boundary" "r") NIL NIL NIL)"#),
        Case(
            "8-bit parameter and description",
            "MIME-Version: 1.0\nContent-Type: text/plain; name=caf\u{E9}\nContent-Description: \u{E9}\n\nx",
            "(\"text\" \"plain\" (\"name\" {4}\ncaf\u{E9} \"charset\" \"us-ascii\") NIL {1}\n\u{E9} \"7bit\" 1 0 NIL NIL NIL NIL)"
        ),
    ]

    @Test(arguments: cases) func bodyStructure(_ test: Case) async throws {
        let text = try await FetchFixture.fetch(test.message, .bodyStructure)
        #expect(text == "* 1 FETCH (BODYSTRUCTURE \(test.structure))\n")
    }

    @Test func bodyHasNoExtensionData() async throws {
        let message = Self.cases.first { $0.name == "mixed with attachment" }?.message ?? ""
        let text = try await FetchFixture.fetch(message, .body)
        #expect(
            text == #"* 1 FETCH (BODY ((("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 8 1)"#
                + #"("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 12 0) "alternative")"#
                + #"("image" "png" NIL NIL NIL "base64" 12) "mixed"))"# + "\n")
    }

    @Test func globalMessageOnceUTF8IsEnabled() async throws {
        let message = "MIME-Version: 1.0\nContent-Type: message/global\n\nSubject: x\n\ny\n"
        let text = try await FetchFixture.fetch(message, .body, allowsUTF8: true)
        #expect(
            text
                == #"* 1 FETCH (BODY ("message" "global" NIL NIL NIL "7bit" 17 (NIL "x" NIL NIL NIL NIL NIL NIL NIL NIL)"#
                + #" ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 1) 3))"# + "\n")
    }

    /// The example of RFC 3501 §7.4.2, whose types are in capitals.
    @Test func exampleOfRFC3501() async throws {
        let first =
            String(repeating: String(repeating: "a", count: 48) + "\n", count: 22) + String(repeating: "b", count: 50)
            + "\n"
        let second =
            String(repeating: String(repeating: "A", count: 60) + "\n", count: 72) + String(repeating: "A", count: 88)
            + "\n"
        let message = """
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=x

            --x
            Content-Type: TEXT/PLAIN; CHARSET=US-ASCII

            \(first)
            --x
            Content-Type: TEXT/PLAIN; CHARSET=US-ASCII; NAME="cc.diff"
            Content-Transfer-Encoding: BASE64
            Content-ID: <960723163407.20117h@cac.washington.edu>
            Content-Description: Compiler diff

            \(second)
            --x--

            """
        let text = try await FetchFixture.fetch(message, .body)
        #expect(
            text.lowercased()
                == #"""
                * 1 FETCH (BODY (("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") "<960723163407.20117h@cac.washington.edu>" "Compiler diff" "BASE64" 4554 73) "MIXED"))

                """#.lowercased())
    }

    /// Message 12 of the sample connection, RFC 3501 §8.
    @Test func exampleOfTheSampleConnection() async throws {
        let message =
            Self.sample + String(repeating: String(repeating: "x", count: 31) + "\n", count: 91)
            + String(repeating: "y", count: 3028 - 91 * 33 - 2) + "\n"
        let fixture = FetchFixture(
            bytes: [ByteBuffer(bytes: FetchFixture.bytes(message))], flags: [.seen], received: [837_596_665])
        let (text, _) = try await fixture.fetch(FetchAttribute.macroFull)
        #expect(
            text.lowercased()
                == (#"* 1 FETCH (FLAGS (\Seen) INTERNALDATE "17-Jul-1996 09:44:25 +0000" RFC822.SIZE 3370 ENVELOPE ("#
                + #""Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" "#
                + #"(("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) "#
                + #"(("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) "#
                + #"((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "#
                + #""<B27397-0100000@cac.washington.edu>") BODY "#
                + #"("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))"# + "\r\n").lowercased())
        let (header, _) = try await fixture.fetch([.section(Section(text: .header), partial: nil, peek: false)])
        #expect(
            header == "* 1 FETCH (BODY[HEADER] {342}\r\n"
                + String(decoding: FetchFixture.bytes(Self.sample), as: UTF8.self) + ")\r\n")
    }

    private static let sample = """
        Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
        From: Terry Gray <gray@cac.washington.edu>
        Subject: IMAP4rev1 WG mtg summary and minutes
        To: imap@cac.washington.edu
        cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>
        Message-Id: <B27397-0100000@cac.washington.edu>
        MIME-Version: 1.0
        Content-Type: TEXT/PLAIN; CHARSET=US-ASCII


        """

    static let envelopes: [Case] = [
        Case("nothing", "\n", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
        Case(
            "empty is not missing", "Date:\nSubject:\nTo:\nMessage-ID:\n\n",
            #"("" "" NIL NIL NIL NIL NIL NIL NIL "")"#),
        Case(
            "sender and reply-to", "From: a@x\nSender: S <s@x>\nReply-To: r@x\n\n",
            #"(NIL NIL ((NIL NIL "a" "x")) (("S" NIL "s" "x")) ((NIL NIL "r" "x")) NIL NIL NIL NIL NIL)"#),
        Case(
            "group", "To: Friends: A <a@x>, b@y;, c@z\nCc: undisclosed-recipients:;\n\n",
            #"(NIL NIL NIL NIL NIL ((NIL NIL "Friends" NIL)("A" NIL "a" "x")(NIL NIL "b" "y")(NIL NIL NIL NIL)"#
                + #"(NIL NIL "c" "z")) ((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL)) NIL NIL NIL)"#),
        Case(
            "quotes and backslashes", "Subject: say \"hi\" \\o/\nFrom: \"Joe \\\"Q\\\" Public\" <j@x>\n\n",
            #"(NIL "say \"hi\" \\o/" (("Joe \"Q\" Public" NIL "j" "x")) (("Joe \"Q\" Public" NIL "j" "x"))"#
                + #" (("Joe \"Q\" Public" NIL "j" "x")) NIL NIL NIL NIL NIL)"#),
        Case(
            "encoded words stay", "Subject: =?utf-8?q?caf=C3=A9?=\nTo: =?utf-8?q?=C3=89?= <e@x>\n\n",
            #"(NIL "=?utf-8?q?caf=C3=A9?=" NIL NIL NIL (("=?utf-8?q?=C3=89?=" NIL "e" "x")) NIL NIL NIL NIL)"#),
        Case(
            "raw 8-bit is a literal", "Subject: caf\u{E9} au lait\n\n",
            "(NIL {12}\ncaf\u{E9} au lait NIL NIL NIL NIL NIL NIL NIL NIL)"),
        Case(
            "folded", "Subject: one\n  two\nIn-Reply-To: <a@b>\n\t<c@d>\n\n",
            "(NIL \"one  two\" NIL NIL NIL NIL NIL NIL \"<a@b>\t<c@d>\" NIL)"),
        Case(
            "source route", "From: <@a,@b:c@d>\n\n",
            #"(NIL NIL ((NIL "@a,@b" "c" "d")) ((NIL "@a,@b" "c" "d")) ((NIL "@a,@b" "c" "d")) NIL NIL NIL NIL NIL)"#),
        Case("no domain", "To: postmaster\n\n", #"(NIL NIL NIL NIL NIL ((NIL NIL "postmaster" "")) NIL NIL NIL NIL)"#),
    ]

    @Test(arguments: envelopes) func envelope(_ test: Case) async throws {
        let text = try await FetchFixture.fetch(test.message, .envelope)
        #expect(text == "* 1 FETCH (ENVELOPE \(test.structure))\n")
    }

    @Test func utf8IsQuotedOnceEnabled() async throws {
        // The bytes of café in UTF-8, and Latin-1 which is none.
        let text = try await FetchFixture.fetch(
            "Subject: caf\u{C3}\u{A9}\nDate: \u{E9}\n\n", .envelope, allowsUTF8: true)
        #expect(text == "* 1 FETCH (ENVELOPE ({1}\n\u{E9} \"caf\u{C3}\u{A9}\" NIL NIL NIL NIL NIL NIL NIL NIL))\n")
    }

    @Test func longTextIsALiteral() async throws {
        let subject = String(repeating: "s", count: 2000)
        let text = try await FetchFixture.fetch("Subject: \(subject)\n\n", .envelope)
        #expect(text == "* 1 FETCH (ENVELOPE (NIL {2000}\n\(subject) NIL NIL NIL NIL NIL NIL NIL NIL))\n")
    }
}
