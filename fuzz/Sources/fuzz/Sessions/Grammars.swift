extension Grammar {
    static let smtp = Grammar(
        commands: [
            "EHLO c.example", "HELO c", "MAIL FROM:<%a>%m", "MAIL FROM:<>%m", "RCPT TO:<%a>%r", "DATA", ".", "RSET",
            "NOOP",
            "QUIT", "VRFY alice", "EXPN team", "HELP", "STARTTLS", "BDAT 12", "BDAT 12 LAST", "BDAT 0 LAST",
            "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABwdw==", "AUTH PLAIN", "AGFsaWNlQGV4YW1wbGUudGVzdABwdw==",
            "AUTH LOGIN",
            "YWxpY2VAZXhhbXBsZS50ZXN0", "cHc=", "*", "AUTH SCRAM-SHA-256 biwsbj1hbGljZUBleGFtcGxlLnRlc3Qscj1ub25jZQ==",
            "AUTH SCRAM-SHA-256-PLUS", "Subject: %x", "From: %a", "Received: from x by y; %x",
            "Date: Fri, 21 Nov 1997 09:55:06 -0600", "Content-Type: multipart/mixed; boundary=b", "--b", "", "..", "%x",
            "MAIL FROM:<%a>\r\nRCPT TO:<%a>\r\nDATA\r\n\r\n%x\r\n.",
            "EHLO c\r\nAUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABwdw==\r\nMAIL FROM:<alice@example.test>",
        ],
        values: [
            "a": [
                "alice@example.test", "bob@example.test", "team@example.test", "alice+tag@example.test", "x@other.test",
                "nobody@example.test", "postmaster", "\"a b\"@example.test", "x@[192.0.2.1]", "é@exämple.test",
                "@relay.test:alice@example.test",
            ],
            "m": [
                "", " SIZE=100", " SIZE=99999", " BODY=8BITMIME", " BODY=BINARYMIME", " SMTPUTF8",
                " RET=HDRS ENVID=x+2By",
                " AUTH=<>", " RET=FULL", " FOO=bar",
            ],
            "r": [
                "", " NOTIFY=NEVER", " NOTIFY=SUCCESS,FAILURE,DELAY", " ORCPT=rfc822;a@b.test", " NOTIFY=SUCCESS",
                " ORCPT=utf-8;a\\x{e9}@b.test",
            ],
            "x": ["x", "a.b", "é", "\u{0}", "x\ry", "x\ny", ".", "..", "=?utf-8?q?x?="],
        ])

    static let imap = Grammar(
        commands: [
            "%t LOGIN alice@example.test pw", "%t SELECT %b", "%t EXAMINE %b", "%t SELECT %b (CONDSTORE)", "%t NOOP",
            "%t CHECK", "%t CLOSE", "%t UNSELECT", "%t EXPUNGE", "%t UID EXPUNGE %s", "%t LOGOUT", "%t CAPABILITY",
            "%t IDLE", "DONE", "%t NAMESPACE", "%t ENABLE CONDSTORE UTF8=ACCEPT", "%t ID (\"name\" \"x\")", "%t ID NIL",
            "%t CREATE %b", "%t DELETE %b", "%t RENAME %b %b", "%t SUBSCRIBE %b", "%t UNSUBSCRIBE %b",
            "%t LIST \"\" %p", "%t LSUB \"\" %p", "%t LIST (%o) \"\" (%p %p) RETURN (%o STATUS (%i))",
            "%t STATUS %b (%i %i)",
            "%t GETQUOTAROOT %b", "%t GETQUOTA \"\"", "%t SETQUOTA \"\" (STORAGE 5)",
            "%t%u FETCH %s %f", "%t%u FETCH %s (%f %f %f)", "%t%u FETCH %s (%f) (CHANGEDSINCE 5)",
            "%t%u STORE %s %+ (%g)", "%t%u STORE %s (UNCHANGEDSINCE 8) %+ (%g)", "%t%u COPY %s %b", "%t%u MOVE %s %b",
            "%t%u SEARCH %k", "%t%u SEARCH RETURN (%R) %k %k", "%t%u SEARCH CHARSET UTF-8 %k NOT %k OR %k %k",
            "%t%u SEARCH (%k (%k %k) NOT (%k))", "%t APPEND %b (%g) {12+}\r\nSubject: a\r\n",
            "%t APPEND %b (%g) \"17-Jul-1996 02:44:25 -0700\" {12}\r\nSubject: a\r\n",
            "%t APPEND %b {3+}\r\na\r\n {4+}\r\nb\r\n\r\n", "%t APPEND %b ~{3+}\r\na\u{0}b",
            "%t AUTHENTICATE PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABwdw==", "%t AUTHENTICATE PLAIN",
            "AGFsaWNlQGV4YW1wbGUudGVzdABwdw==", "%t AUTHENTICATE SCRAM-SHA-256", "*", "%t STARTTLS", "",
            "%t LOGIN {18+}\r\nalice@example.test {2+}\r\npw",
        ],
        values: [
            "t": ["a1", "a2", "a3", "b1", "b2", "c"],
            "u": ["", " UID"],
            "b": [
                "INBOX", "inbox", "Trash", "Sent", "new", "new/sub", "&AOk-", "\"a b\"", "{3+}\r\nnew", "Archive",
                "\"\"",
                "Drafts", "new/", "é",
            ],
            "s": ["1", "1:*", "*", "2:4", "8", "9:7", "1,3,5", "*:1", "4294967295", "2", "3:3,1", "0", "$"],
            "f": [
                "FLAGS", "UID", "ENVELOPE", "BODYSTRUCTURE", "BODY", "BODY[]", "BODY.PEEK[HEADER]", "BODY[TEXT]<0.10>",
                "BODY[1]", "BODY[2.1.MIME]", "BODY[2.HEADER.FIELDS (SUBJECT \"x y\")]",
                "BODY.PEEK[HEADER.FIELDS.NOT (TO)]",
                "RFC822", "RFC822.SIZE", "RFC822.HEADER", "RFC822.TEXT", "INTERNALDATE", "MODSEQ", "BINARY[3]",
                "BINARY.PEEK[1]<3.9>", "BINARY.SIZE[2]", "ALL", "FULL", "FAST", "EMAILID", "THREADID", "SAVEDATE",
                "PREVIEW", "PREVIEW (LAZY)", "BODY[2.2.1]<4.4294967295>",
            ],
            "+": ["FLAGS", "+FLAGS", "-FLAGS", "FLAGS.SILENT", "+FLAGS.SILENT", "-FLAGS.SILENT"],
            "g": [
                "\\Seen", "\\Deleted", "\\Flagged \\Answered", "$Junk", "$new key", "", "\\Draft", "\\Recent", "\\*",
            ],
            "k": [
                "ALL", "SEEN", "UNSEEN", "DELETED", "KEYWORD $Junk", "UNKEYWORD x", "FROM a", "TO alice", "CC x",
                "SUBJECT caf", "BODY two", "TEXT {5+}\r\ncaf\u{E9}x", "HEADER X y", "HEADER Subject \"\"",
                "SINCE 1-Jan-2020",
                "BEFORE 14-Nov-2023", "SENTON 21-Nov-1997", "LARGER 50", "SMALLER 1000", "UID 1:*", "1:*", "MODSEQ 3",
                "MODSEQ \"/flags/\\\\seen\" all 3", "OLDER 86400", "YOUNGER 1", "NOT ALL", "RECENT", "NEW", "OLD",
                "SAVEDSINCE 1-Jan-2020", "EMAILID x", "THREADID y", "$", "FUZZY SUBJECT x", "OR SEEN TEXT Hello",
            ],
            "R": ["", "MIN", "MAX", "COUNT", "ALL", "SAVE", "MIN MAX COUNT", "SAVE MIN"],
            "p": ["*", "%", "\"*\"", "new*", "INBOX/%", "n%w", "\"\"", "(* %)"],
            "o": ["SUBSCRIBED", "REMOTE", "RECURSIVEMATCH SUBSCRIBED", "SPECIAL-USE", "CHILDREN", ""],
            "i": [
                "MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "SIZE", "HIGHESTMODSEQ", "DELETED",
                "APPENDLIMIT",
                "MAILBOXID",
            ],
        ])

    static let pop3 = Grammar(
        commands: [
            "USER alice@example.test", "PASS pw", "USER alice@example.test\r\nPASS pw", "STAT", "LIST", "LIST %n",
            "UIDL",
            "UIDL %n", "RETR %n", "TOP %n %n", "DELE %n", "RSET", "NOOP", "QUIT", "CAPA", "STLS", "AUTH",
            "AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABwdw==", "AUTH PLAIN", "AGFsaWNlQGV4YW1wbGUudGVzdABwdw==",
            "AUTH LOGIN",
            "YWxpY2VAZXhhbXBsZS50ZXN0", "cHc=", "*", "AUTH SCRAM-SHA-256", "UTF8", "LANG *", "APOP x y", "",
        ],
        values: ["n": ["1", "2", "7", "8", "0", "99999999999", "3", "5"]])
}
