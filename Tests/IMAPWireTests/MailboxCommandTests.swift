import IMAPWire
import Testing

@Suite struct MailboxCommandTests {
    private func box(_ path: String) -> MailboxName { MailboxName(path: path) }

    @Test func select() {
        expectCommand("SELECT inbox", .select(SelectCommand(mailbox: .inbox, isReadOnly: false)))
        expectCommand(
            #"EXAMINE "blurdy bloop""#, .select(SelectCommand(mailbox: box("blurdy bloop"), isReadOnly: true)))
        expectCommand(
            "SELECT INBOX (CONDSTORE)",
            .select(SelectCommand(mailbox: .inbox, isReadOnly: false, conditionalStore: true)))
        expectFailure("SELECT INBOX (QRESYNC (1 2))", .unknownOption)
        expectFailure("SELECT", .missingArgument)
        expectFailure("SELECT &Jjo!", .invalidMailbox)
    }

    @Test func management() {
        expectCommand("CREATE owatagusiam/", .create(box("owatagusiam"), uses: []))
        expectCommand(
            #"CREATE MySpecial (USE (\Drafts \Sent))"#, .create(box("MySpecial"), uses: ["\\Drafts", "\\Sent"]))
        expectCommand("DELETE blurdybloop", .delete(box("blurdybloop")))
        expectCommand("RENAME INBOX old-mail", .rename(from: .inbox, to: box("old-mail")))
        expectCommand("SUBSCRIBE #news.comp.mail.mime", .subscribe(box("#news.comp.mail.mime")))
        expectCommand("UNSUBSCRIBE ~peter/mail/&U,BTFw-/&ZeVnLIqe-", .unsubscribe(box("~peter/mail/台北/日本語")))
        expectFailure("RENAME a", .missingArgument)
        expectFailure("CREATE x (USE \\Sent)", .invalidArgument)
    }

    @Test func status() {
        expectCommand(
            "STATUS blurdybloop (UIDNEXT MESSAGES size)", .status(box("blurdybloop"), [.uidNext, .messages, .size]))
        expectFailure("STATUS blurdybloop ()", .missingArgument)
        expectFailure("STATUS blurdybloop (WEATHER)", .unknownStatusItem)
    }

    @Test func list() {
        expectCommand(#"LIST "" """#, .list(ListCommand(patterns: [""])))
        expectCommand(#"LIST "" %"#, .list(ListCommand(patterns: ["%"])))
        expectCommand("LIST /usr/staff/jones/ *", .list(ListCommand(reference: "/usr/staff/jones/", patterns: ["*"])))
        // RFC 5258 §5.
        expectCommand(
            #"LIST (SUBSCRIBED REMOTE) "" "*""#,
            .list(ListCommand(patterns: ["*"], selection: [.subscribed, .remote], isExtended: true)))
        expectCommand(
            #"LIST (SUBSCRIBED RECURSIVEMATCH) "" "%" RETURN (CHILDREN SUBSCRIBED)"#,
            .list(
                ListCommand(
                    patterns: ["%"], selection: [.subscribed, .recursiveMatch], returns: [.children, .subscribed],
                    isExtended: true)))
        expectCommand(
            #"LIST "" ("INBOX" "Drafts" "Sent/%")"#,
            .list(ListCommand(patterns: ["INBOX", "Drafts", "Sent/%"], isExtended: true)))
        // RFC 5819 §3.
        expectCommand(
            #"LIST "" % RETURN (STATUS (MESSAGES UNSEEN) SPECIAL-USE)"#,
            .list(
                ListCommand(patterns: ["%"], returns: .specialUse, status: [.messages, .unseen], isExtended: true)))
        expectFailure(#"LIST (RECURSIVEMATCH) "" *"#, .invalidArgument)
        expectFailure(#"LIST (XYZZY) "" *"#, .unknownOption)
        expectFailure(#"LIST """#, .missingArgument)
        expectCommand(##"LSUB "#news." "comp.mail.*""##, .lsub(reference: "#news.", pattern: "comp.mail.*"))
    }
}
