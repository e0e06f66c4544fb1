import NIOCore

/// Messages as people send them: text and HTML alternatives, some headers, about as many bytes as asked for.
enum Messages {
    static func make(bytes: Int, number: Int = 0) -> ByteBuffer {
        let header = """
            Received: from client.example.test (client.example.test [192.0.2.1]) by mx.example.test with ESMTPS\r
             id 0123456789; Sat, 21 Nov 2026 09:00:00 +0000\r
            From: =?utf-8?q?J=C3=B6rg_Example?= <joerg@example.test>\r
            To: "Example, Alice" <alice@example.test>, bob@example.test\r
            Subject: Re: [list] the minutes of meeting \(number)\r
            Date: Sat, 21 Nov 2026 09:00:00 +0100\r
            Message-ID: <\(number).bench@example.test>\r
            In-Reply-To: <\(number &- 1).bench@example.test>\r
            References: <a.bench@example.test> <\(number &- 1).bench@example.test>\r
            MIME-Version: 1.0\r

            """
        guard bytes > 1500 else {
            return ByteBuffer(string: header + "Content-Type: text/plain\r\n\r\n" + text(bytes - header.utf8.count))
        }
        let half = (bytes - header.utf8.count - 400) / 2
        return ByteBuffer(
            string: header + "Content-Type: multipart/alternative; boundary=\"=_bench\"\r\n\r\n--=_bench\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                + text(half)
                + "\r\n--=_bench\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>" + text(half)
                + "</p></body></html>\r\n--=_bench--\r\n")
    }

    private static let words = [
        "the", "minutes", "of", "a", "meeting", "caf=C3=A9", "were", "sent", "to", "everybody", "in", "time",
    ]

    /// Lines of words that compress about as mail does.
    private static func text(_ bytes: Int) -> String {
        var text = ""
        var state: UInt64 = 42
        var column = 0
        while text.utf8.count < bytes {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let word = words[Int(state >> 40) % words.count] + String(state >> 56)
            text += word
            column += word.utf8.count + 1
            text += column > 70 ? "\r\n" : " "
            if column > 70 { column = 0 }
        }
        return text
    }
}
