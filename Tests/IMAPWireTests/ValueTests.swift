import IMAPWire
import MailModel
import Testing

@Suite struct ValueTests {
    @Test func messageSetsResolve() {
        let set = MessageSet.ranges([MessageRange(12, 0), MessageRange(4, 2), MessageRange(5), MessageRange(3)])
        #expect(set.resolved(largest: 10) == [2...5, 10...12])
        #expect(MessageSet.ranges([MessageRange(0)]).resolved(largest: 0) == [])
        #expect(MessageSet.ranges([MessageRange(1, 0)]).resolved(largest: .max) == [1 ... .max])
        #expect(MessageSet.ranges([MessageRange(.max), MessageRange(1, 0)]).resolved(largest: .max) == [1 ... .max])
        #expect(Partial(offset: .max, count: .max).range(in: 10) == 10..<10)
        #expect(Partial(offset: 5, count: .max).range(in: 10) == 5..<10)
    }

    @Test func mailboxNames() {
        #expect(MailboxName(path: "inBox").isInbox)
        #expect(MailboxName(path: "Inbox/Lists").path == "INBOX/Lists")
        #expect(MailboxName(path: "Inboxes").path == "Inboxes")
        #expect(MailboxName(path: "a/b/").path == "a/b")
        #expect(!MailboxName(path: "a//b").isWellFormed)
        #expect(!MailboxName(path: "/a").isWellFormed)
        #expect(!MailboxName(path: "a\u{7}b").isWellFormed)
        #expect(!MailboxName(path: "").isWellFormed)
        #expect(MailboxName(path: "a b/ü").isWellFormed)
    }

    @Test(arguments: [
        ("", ""), ("a&b", "a&-b"), ("台北", "&U,BTFw-"), ("☺!", "&Jjo-!"), ("Hi Mom -☺-!", "Hi Mom -&Jjo--!"),
        ("😀", "&2D3eAA-"), ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"), ("\t", "&AAk-"),
    ])
    func modifiedUTF7(text: String, encoded: String) {
        #expect(String(decoding: ModifiedUTF7.encode(text), as: UTF8.self) == encoded)
        #expect(ModifiedUTF7.decode(encoded.utf8) == text)
    }

    @Test(arguments: ["&", "&Jjo", "&Jj!-", "&2D0-", "&J-", "&/w-", "&Jjp-"]) func wrongModifiedUTF7(encoded: String) {
        #expect(ModifiedUTF7.decode(encoded.utf8) == nil)
    }

    @Test func plainUTF8IsTakenAsIs() {
        #expect(ModifiedUTF7.decode("é&b".utf8) == "é&b")
        #expect(ModifiedUTF7.decode([0xFF]) == nil)
    }

    @Test(arguments: [
        ("*", "a/b", true), ("%", "a", true), ("%", "a/b", false), ("a/%", "a/b", true), ("a/%", "a/b/c", false),
        ("a*c", "a/b/c", true), ("%/%", "a/b", true), ("inbox", "INBOX", true), ("Inbox/%", "INBOX/x", true),
        ("a%b", "ab", true), ("%%%", "abc", true), ("*%", "a/b", true), ("", "a", false), ("é*", "été", true),
        ("*a*a*a*a*a*a*a*b", String(repeating: "a", count: 200), false),
    ])
    func listPatterns(pattern: String, path: String, matches: Bool) {
        #expect(ListPattern(pattern).matches(path) == matches)
    }

    @Test func capabilitiesHaveNoCase() {
        #expect(Capability("imap4REV1") == .imap4rev1)
        #expect(Capability.imap4rev1.name == "IMAP4rev1")
    }
}
