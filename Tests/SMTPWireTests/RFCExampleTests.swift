import SMTPWire
import Testing

/// The conversations printed in the RFCs of the extensions, with our texts.
struct RFCExampleTests {
    @Test("RFC 1870 §8: a declared size, one recipient of three")
    func size() {
        let result = SessionMachineTests.run(
            """
            EHLO ymir.claremont.edu
            MAIL FROM:<ned@thor.innosoft.com> SIZE=500000
            RCPT TO:<ned@innosoft.com>
            RCPT TO:<full@ymir.claremont.edu>
            DATA
            .
            QUIT

            """, unknown: ["full"])
        #expect(
            result.output == """
                250-host greets ymir.claremont.edu
                250 PIPELINING
                250 2.0.0 OK
                250 2.0.0 OK
                550 5.1.1 No such user here
                354 Start mail input; end with <CRLF>.<CRLF>
                250 2.0.0 OK
                221 2.0.0 Bye

                """)
        #expect(result.messages == [""])
    }

    @Test("RFC 2920 §4: all recipients of a pipelined group are refused")
    func pipelined() {
        let result = SessionMachineTests.run(
            """
            EHLO dbc.mtview.ca.us
            MAIL FROM:<mrose@dbc.mtview.ca.us>
            RCPT TO:<nsb@thumper.bellcore.com>
            RCPT TO:<galvin@tis.com>
            DATA
            QUIT

            """, unknown: ["nsb", "galvin"])
        #expect(
            result.output == """
                250-host greets dbc.mtview.ca.us
                250 PIPELINING
                250 2.0.0 OK
                550 5.1.1 No such user here
                550 5.1.1 No such user here
                554 5.5.1 No valid recipients
                221 2.0.0 Bye

                """)
    }

    @Test("RFC 3030 §4.1: a message in one chunk")
    func simpleChunking() {
        let content = "To: Susan@random.com\nFrom: Sam@random.com\nSubject: This is a bodyless test message\n"
        let result = SessionMachineTests.run(
            "EHLO ymir.claremont.edu\nMAIL FROM:<Sam@Random.com>\nRCPT TO:<Susan@Random.com>\nBDAT 86 LAST\n\(content)QUIT\n"
        )
        #expect(result.output.hasSuffix("250 2.0.0 OK\n250 2.0.0 OK\n250 2.0.0 OK\n221 2.0.0 Bye\n"))
        #expect(result.messages == [content.replacing("\n", with: "\r\n")])
    }

    @Test("RFC 3030 §4.2: BINARYMIME in pipelined chunks")
    func pipelinedChunks() {
        let result = SessionMachineTests.run(
            "EHLO ymir.claremont.edu\nMAIL FROM:<ned@ymir.claremont.edu> BODY=BINARYMIME\n"
                + "RCPT TO:<gvaudre@cnri.reston.va.us>\nRCPT TO:<jstewart@cnri.reston.va.us>\n"
                + "BDAT 100000\n" + String(repeating: "x", count: 100_000) + "BDAT 324\n"
                + String(repeating: "y", count: 324) + "BDAT 0 LAST\nQUIT\n")
        #expect(
            result.output.hasSuffix(
                "250 2.0.0 100000 octets\n250 2.0.0 324 octets\n250 2.0.0 OK\n221 2.0.0 Bye\n"))
        #expect(result.messages.first?.utf8.count == 100_324)
    }

    @Test("RFC 4954 §4.1: AUTH with and without an initial response")
    func authentication() {
        let rules = SessionRules(offersAuthentication: true)
        let result = SessionMachineTests.run(
            "EHLO client.example.com\nAUTH PLAIN\ndGVzdAB0ZXN0ADEyMzQ=\nMAIL FROM:<e=mc2@example.com> AUTH=e+3Dmc2@example.com\n",
            rules)
        #expect(result.output.hasSuffix("334 \n235 2.7.0 OK\n250 2.0.0 OK\n"))
    }
}
