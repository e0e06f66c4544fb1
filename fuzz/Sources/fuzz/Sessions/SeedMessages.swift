import MailStore
import NIOCore

/// Messages of several shapes, taken in once: what is staged never changes and may be stored again and again.
enum SeedMessages {
    static let texts = [
        "From: a@example.test\r\nTo: alice@example.test\r\nSubject: plain\r\nMessage-ID: <1@x>\r\n"
            + "Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n\r\nHello\r\n.leading dot\r\n",
        "Subject: =?UTF-8?Q?caf=C3=A9?=\r\nIn-Reply-To: <1@x>\r\nContent-Type: text/html; charset=iso-8859-1\r\n"
            + "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>caf=E9 &amp; more</p>\r\n",
        "MIME-Version: 1.0\r\nSubject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nbefore\r\n--b\r\n\r\none\r\n"
            + "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: multipart/alternative; boundary=c\r\n"
            + "\r\n--c\r\n\r\ntwo\r\n--c\r\nContent-Type: text/html\r\n\r\n<b>two</b>\r\n--c--\r\n--b\r\n"
            + "Content-Type: application/octet-stream; name*=utf-8''%C3%A9.bin\r\nContent-Transfer-Encoding: base64\r\n"
            + "Content-Disposition: attachment; filename=\"x {5}\"\r\n\r\nAAECAwQFBgcICQ==\r\n--b--\r\nafter\r\n",
        "\r\nno header\r\n", "", "no body at all",
        "Subject: bare\rCR and\nLF\r\nX: \u{0}NUL\r\n\r\nline {10}\n\u{0}\u{FF}",
        "Subject: long\r\nContent-Type: text/plain\r\n\r\n" + String(repeating: "0123456789abcde\r\n", count: 4200),
    ]

    static let staged: [StagedMessage] = {
        SerialTasks.wait {
            var staged: [StagedMessage] = []
            for text in texts {
                let stager = MemoryShard(now: { SessionHost.time }).stage(expectedSize: nil)
                do {
                    try await stager.write(ByteBuffer(string: text))
                    staged.append(try await stager.finish())
                } catch {
                    fail("a message cannot be staged: \(error)")
                }
            }
            return staged
        }
    }()
}
