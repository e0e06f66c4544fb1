"""A real Thunderbird reads, files, deletes and sends mail; the server's side is looked at by Python's own IMAP client."""
import email
import email.policy
import re
import time
import weakref
from demo import alice, bob
from sessions import empty, imap, submission
from shell import expect, message, wait_for
from thunderbird import Thunderbird, missing


class Skip(Exception):
    """The case cannot run here; the text says why."""


running = weakref.WeakKeyDictionary()


def client(demo):
    """The one Thunderbird of this demo, with alice's account; it ends with the demo."""
    if absent := missing():
        raise Skip(f"not installed: {', '.join(absent)}; run scripts/install-packages interop")
    if demo not in running:
        running[demo] = thunderbird = Thunderbird(demo, alice)
        weakref.finalize(demo, thunderbird.close)
        thunderbird.script("""
            await finished("selecting the inbox", l => MailServices.imap.selectFolder(folder("INBOX"), l, main.msgWindow));
            await finished("listing", l => MailServices.imap.discoverAllFolders(root, l, main.msgWindow));""")
    return running[demo]


def found(session, folder, subject):
    """Unique identifier and flags of the one message of this subject, or None."""
    status, data = session.select(folder, readonly=True)
    expect(status == "OK", data)
    numbers = session.uid("SEARCH", "HEADER", "SUBJECT", f'"{subject}"')[1][0].split()
    expect(len(numbers) < 2, f"{len(numbers)} messages {subject!r} in {folder}")
    if not numbers:
        return None
    return numbers[0].decode(), session.uid("FETCH", numbers[0], "(FLAGS)")[1][0].decode()


def whole(session, folder, subject):
    """The parsed message of this subject."""
    number, _ = found(session, folder, subject)
    data = session.uid("FETCH", number, "(BODY.PEEK[])")[1][0][1]
    return email.message_from_bytes(data, policy=email.policy.default)


def arrive(demo, subject, **parts):
    """A message from bob that is in alice's inbox, on the server and in Thunderbird."""
    thunderbird = client(demo)
    with submission(demo, bob) as sender:
        sender.sendmail(bob, [alice], message(bob, alice, subject, **parts).encode())
    thunderbird.script("""
        refresh("INBOX");
        await until(`message ${input[0]}`, () => header("INBOX", input[0]));""", subject)
    return thunderbird


def case_folders_are_listed(demo):
    thunderbird = client(demo)
    seen = thunderbird.script("return root.descendants.map(f => f.QueryInterface(Ci.nsIMsgImapMailFolder).onlineName)")
    with imap(demo, alice) as session:
        listed = [line.decode().rsplit(" ", 1)[1].strip('"') for line in session.list()[1]]
    expect(sorted(seen) == sorted(listed), f"Thunderbird shows {seen}, the server has {listed}")
    special = thunderbird.script("""
        return Object.fromEntries(["SentMail", "Trash", "Drafts", "Junk", "Archive", "Inbox"].map(
          f => [f, root.getFolderWithFlags(Ci.nsMsgFolderFlags[f])?.name]));""")
    expected = {
        "SentMail": "Sent", "Trash": "Trash", "Drafts": "Drafts", "Junk": "Junk", "Archive": "Archive", "Inbox": "INBOX"}
    expect(special == expected, special)
    return f"{len(seen)} folders"


def case_a_message_is_read(demo):
    thunderbird = arrive(
        demo, "To be read", body="Gr\u00fc\u00dfe, \u4f60\u597d.\r\nSecond line.\r\n",
        headers="MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")
    shown = thunderbird.script("""
        const pane = main.gTabmail.currentAbout3Pane;
        pane.displayFolder(folder("INBOX").URI);
        const wanted = header("INBOX", input[0]);
        await until("the thread list", () => pane.gViewWrapper?.displayedFolder?.name === "INBOX" && pane.gDBView?.rowCount > 0);
        pane.selectMessage(wanted);
        const view = await until("the message pane", () => main.gTabmail.currentAboutMessage);
        await until("the message", () => view.gMessage === wanted || view.gMessage?.messageId === wanted.messageId);
        const text = await until("its text", () => {
          const text = view.getMessagePaneBrowser().contentDocument?.body?.textContent ?? "";
          return text.includes("Second line.") && text;
        });
        await until("the read mark", () => wanted.isRead);
        return [text, view.document.getElementById("expandedsubjectBox").textContent,
          view.document.getElementById("expandedfromBox").textContent];""", "To be read")
    expect("Gr\u00fc\u00dfe, \u4f60\u597d.\nSecond line." in shown[0].replace("\r\n", "\n"), f"shown: {shown}")
    expect("To be read" in shown[1] and bob in shown[2], f"shown: {shown}")
    with imap(demo, alice) as session:
        wait_for(lambda: "\\Seen" in found(session, "INBOX", "To be read")[1], "\\Seen after reading")


def case_a_message_is_flagged_and_marked(demo):
    thunderbird = arrive(demo, "To be flagged")
    change = "folder('INBOX')[input[0]]([header('INBOX', 'To be flagged')], input[1]);"
    with imap(demo, alice) as session:
        for method, value, flag in (
                ("markMessagesFlagged", True, "\\Flagged"), ("markMessagesRead", True, "\\Seen"),
                ("markMessagesFlagged", False, "\\Flagged"), ("markMessagesRead", False, "\\Seen")):
            thunderbird.script(change, method, value)
            wait_for(lambda: (flag in found(session, "INBOX", "To be flagged")[1]) == value, f"{flag} {value}")
        number, _ = found(session, "INBOX", "To be flagged")
        session.select("INBOX")
        session.uid("STORE", number, "+FLAGS", "(\\Flagged)")
        thunderbird.script("""
            await until("the star another client gave", () => header("INBOX", "To be flagged").isFlagged);""")


def case_a_folder_is_created_and_a_message_filed(demo):
    thunderbird = arrive(demo, "To be filed")
    thunderbird.script("""
        root.createSubfolder(input[0], main.msgWindow);
        await until("the new folder", () => root.descendants.some(f => f.name === input[0]));
        await finished("moving", l => MailServices.copy.copyMessages(
          folder("INBOX"), [header("INBOX", "To be filed")], folder(input[0]), true, l, main.msgWindow, false));
        await until("the message to leave", () => !header("INBOX", "To be filed"));
        refresh(input[0]);
        await until("the message in its folder", () => header(input[0], "To be filed"));""", "Pr\u00fcfung & mehr")
    with imap(demo, alice) as session:
        name = '"Pr&APw-fung &- mehr"'
        wait_for(lambda: found(session, name, "To be filed"), "the filed message")
        expect(not found(session, "INBOX", "To be filed"), "the filed message is still in the inbox")
        expect(any(name.encode() in line for line in session.lsub()[1]), "the new folder is not subscribed")
        thunderbird.script("""
            folder(input[0]).rename(input[1], main.msgWindow);
            await until("the new name", () => root.descendants.some(f => f.name === input[1]));""", "Pr\u00fcfung & mehr", "Filed")
        wait_for(lambda: session.status("Filed", "(MESSAGES)")[1][0].endswith(b"(MESSAGES 1)"), "the renamed folder")


def case_a_message_is_deleted(demo):
    thunderbird = arrive(demo, "To be deleted")
    thunderbird.script("""
        folder("INBOX").deleteMessages([header("INBOX", "To be deleted")], main.msgWindow, false, false, null, false);
        await until("the message to leave", () => !header("INBOX", "To be deleted"));""")
    with imap(demo, alice) as session:
        wait_for(lambda: found(session, "Trash", "To be deleted"), "the message in Trash")
        wait_for(lambda: not found(session, "INBOX", "To be deleted"), "the message to leave the inbox")
        thunderbird.script("""
            refresh("Trash");
            await until("the message in Trash", () => header("Trash", "To be deleted"));
            await finished("emptying Trash", l => folder("Trash").emptyTrash(l));""")
        wait_for(lambda: not found(session, "Trash", "To be deleted"), "Trash to be empty")


def case_a_message_is_sent(demo):
    empty(demo, bob)
    thunderbird = client(demo)
    thunderbird.script("""
        const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
        Object.assign(fields, { from: "Alice Example <alice@example.test>", to: input[0], subject: "Sent \u2603 by Thunderbird" });
        const attached = Cc["@mozilla.org/messengercompose/attachment;1"].createInstance(Ci.nsIMsgAttachment);
        Object.assign(attached, {
          name: "table.csv", contentType: "text/csv", url: "data:text/csv,a,b%0D%0A1,2%0D%0A" });
        fields.addAttachment(attached);
        const send = Cc["@mozilla.org/messengercompose/send;1"].createInstance(Ci.nsIMsgSend);
        await send.createAndSendMessage(
          null, account.defaultIdentity, account.key, fields, false, false, Ci.nsIMsgSend.nsMsgDeliverNow, null,
          "text/plain", "Gr\u00fc\u00dfe\\r\\n.\\r\\n.dots\\r\\nEnd\\r\\n", null, null, null, "", "", Ci.nsIMsgCompType.New);""", bob)
    with imap(demo, bob) as session:
        wait_for(lambda: found(session, "INBOX", "by Thunderbird"), "the message at the other account")
        received = whole(session, "INBOX", "by Thunderbird")
    with imap(demo, alice) as session:
        wait_for(lambda: found(session, "Sent", "by Thunderbird"), "the copy in Sent")
        expect("\\Seen" in found(session, "Sent", "by Thunderbird")[1], "the copy in Sent is unread")
        copy = whole(session, "Sent", "by Thunderbird")
    for mail in (received, copy):
        expect(mail["Subject"] == "Sent \u2603 by Thunderbird" and mail["To"] == bob, mail.as_string())
        text, table = mail.iter_parts()
        expect(text.get_content().splitlines()[:4] == ["Gr\u00fc\u00dfe", ".", ".dots", "End"], text.get_content())
        expect(table.get_filename() == "table.csv" and table.get_payload(decode=True) == b"a,b\r\n1,2\r\n", table.as_string())
    expect(received["Message-ID"] == copy["Message-ID"] and received["User-Agent"] == "Mozilla Thunderbird", received.as_string())
    expect("ESMTPSA" in received["Received"], received["Received"])


def case_new_mail_is_seen_by_idle(demo):
    # The first message comes to an empty inbox: Thunderbird leaves it instead of idling if the replies before end in an error.
    thunderbird = client(demo)
    empty(demo, alice)
    thunderbird.script("""
        main.gTabmail.currentAbout3Pane.displayFolder(folder("INBOX").URI);
        refresh("INBOX");
        await until("the empty inbox", () => [...folder("INBOX").messages].length === 0);""")

    def idling():
        sent = [line for line in thunderbird.exchange().splitlines() if ":SendData:" in line and ":S-INBOX:" in line]
        return sent and sent[-1].endswith(" IDLE")

    times = []
    for turn in range(3):
        wait_for(idling, "Thunderbird to idle in the inbox")
        subject = f"Announced {turn}"
        with submission(demo, bob) as sender:
            sender.sendmail(bob, [alice], message(bob, alice, subject).encode())
        start = time.perf_counter()
        thunderbird.script("await until(input[0], () => header('INBOX', input[0]));", subject)
        times.append(time.perf_counter() - start)
    with imap(demo, alice) as session:
        wait_for(idling, "Thunderbird to idle in the inbox")
        number, _ = found(session, "INBOX", "Announced 0")
        session.select("INBOX")
        session.uid("STORE", number, "+FLAGS", "(\\Deleted)")
        session.expunge()
        thunderbird.script("await until('the removal', () => !header('INBOX', 'Announced 0'));")
    return f"seen after {', '.join(f'{1000 * t:.0f}' for t in times)} ms"


def case_every_reply_is_understood(demo):
    lines = client(demo).exchange().splitlines()
    bad = [line for line in lines if "PARSER:Internal Syntax Error" in line or re.search(r"FromSocket: \d+ BAD", line)]
    expect(not bad, "\n".join(bad[:10]))
    commands = [line.split(":SendData: ")[1] for line in lines if ":SendData: " in line]
    expect(commands, "Thunderbird logged no command")
    return f"{len(commands)} commands"
