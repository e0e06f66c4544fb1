"""mbsync, fetchmail, mpop and mutt read, file, flag and delete."""
import mailbox
from demo import alice, bob
from sessions import empty, imap, submission
from shell import expect, message, run, wait_for


def _send(demo, *subjects, recipient=bob):
    with submission(demo, alice) as session:
        for subject in subjects:
            session.sendmail(alice, [recipient], message(alice, recipient, subject).encode())


def case_mbsync_synchronises_both_ways(demo):
    empty(demo, bob)
    _send(demo, "sync-one", "sync-two")
    home = demo.work / "mbsync"
    home.mkdir(exist_ok=True)
    mail = home / "mail"
    mail.mkdir(exist_ok=True)
    (home / "rc").write_text(f"""
IMAPAccount demo
Host localhost
Port {demo.ports['imaps']}
User {bob}
Pass {demo.passwords[bob]}
SSLType IMAPS
CertificateFile {demo.ca}

IMAPStore far
Account demo

MaildirStore near
Path {mail}/
Inbox {mail}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
""")

    def sync():
        run("mbsync", "-c", home / "rc", "-a")

    sync()
    inbox = mailbox.Maildir(mail / "INBOX", factory=None)
    expect({m["Subject"] for m in inbox} == {"sync-one", "sync-two"}, "the messages did not come down")
    # Near: one is read and flagged, the other deleted; a new one is filed in a new folder.
    for key, text in list(inbox.iteritems()):
        if text["Subject"] == "sync-one":
            text.set_subdir("cur")
            text.add_flag("S")
            text.add_flag("F")
            inbox[key] = text
        else:
            inbox.discard(key)
    filed = mailbox.Maildir(mail / "Projects", factory=None, create=True)
    filed.add(mailbox.MaildirMessage(message(bob, bob, "filed").replace("\r\n", "\n")))
    sync()
    with imap(demo, bob) as session:
        session.select("INBOX", readonly=True)
        _, data = session.fetch("1:*", "(FLAGS)")
        expect(len(data) == 1 and b"\\Seen" in data[0] and b"\\Flagged" in data[0], data)
        status, data = session.select("Projects")
        expect(status == "OK" and data == [b"1"], data)
        # Far: the filed message is answered.
        session.store("1", "+FLAGS", "(\\Answered)")
    sync()
    filed = mailbox.Maildir(mail / "Projects", factory=None)
    expect([m.get_flags() for m in filed] in (["R"], ["RS"], ["T"]) or "R" in [m for m in filed][0].get_flags(), "no flag came down")


def case_fetchmail_takes_mail_by_pop3_and_imap(demo):
    for protocol, port in (("POP3", "pop3s"), ("IMAP", "imaps")):
        empty(demo, bob)
        _send(demo, f"fetch-{protocol}-1", f"fetch-{protocol}-2")
        target = demo.work / f"fetched-{protocol}"
        rc = demo.work / "fetchmailrc"
        rc.write_text(f"""poll localhost protocol {protocol} port {demo.ports[port]}
  user "{bob}" password "{demo.passwords[bob]}" ssl sslcertck sslcertfile "{demo.ca}"
  mda "cat >> {target}" nokeep fetchall
""")
        rc.chmod(0o600)
        done = run("fetchmail", "-f", rc, "--pidfile", demo.work / "fetchmail.pid", "--idfile", demo.work / "fetchids",
                   "--nodetach", "--nosyslog", env={"HOME": str(demo.work)}, check=False)
        expect(done.returncode == 0, done.stdout + done.stderr)
        text = target.read_text()
        expect(f"fetch-{protocol}-1" in text and f"fetch-{protocol}-2" in text, text)
        with imap(demo, bob) as session:
            expect(session.select("INBOX")[1] == [b"0"], "the messages stayed on the server")


def case_mpop_takes_mail(demo):
    empty(demo, bob)
    _send(demo, "mpop-1", "mpop-2")
    target = demo.work / "mpop.mbox"
    rc = demo.work / "mpoprc"
    rc.write_text(f"""account demo
host localhost
port {demo.ports['pop3s']}
tls on
tls_starttls off
tls_trust_file {demo.ca}
user {bob}
password {demo.passwords[bob]}
delivery mbox {target}
uidls_file {demo.work}/uidls
keep on
account default : demo
""")
    rc.chmod(0o600)
    run("mpop", f"--file={rc}")
    text = target.read_text()
    expect("mpop-1" in text and "mpop-2" in text, text)
    _send(demo, "mpop-3")
    run("mpop", f"--file={rc}")
    text = target.read_text()
    expect(text.count("Subject: mpop-1") == 1 and text.count("Subject: mpop-3") == 1, "UIDL did not tell old from new")


# mutt 2.2.9 takes SCRAM-SHA-256-PLUS wherever it is offered and then has no channel binding to give (docs/quirks.md), so
# its SMTP is told to use PLAIN.
def case_mutt_reads_files_and_deletes(demo):
    empty(demo, bob)
    _send(demo, "mutt-keep", "mutt-file", "mutt-delete")
    rc = demo.work / "muttrc"
    rc.write_text(f"""set folder="imaps://localhost:{demo.ports['imaps']}/"
set imap_user="{bob}"
set imap_pass="{demo.passwords[bob]}"
set certificate_file="{demo.ca}"
set ssl_ca_certificates_file="{demo.ca}"
set ssl_verify_host=yes
set smtp_url="smtps://{bob}@localhost:{demo.ports['submissions']}/"
set smtp_pass="{demo.passwords[bob]}"
set from="{bob}"
set use_from=yes
set record=""
set confirmcreate=no
set confirmappend=no
set delete=yes
set move=no
set mail_check=1
set sort=subject
set wait_key=no
set smtp_authenticators="plain"
""")
    keys = ("<limit>~A<enter><tag-pattern>~s mutt-file<enter><tag-prefix><save-message>=Archive<enter>"
            "<untag-pattern>~A<enter><delete-pattern>~s mutt-delete<enter><tag-pattern>~s mutt-keep<enter>"
            "<tag-prefix><flag-message><sync-mailbox><quit>")
    run("script", "-qec",
        f"mutt -F {rc} -f imaps://localhost:{demo.ports['imaps']}/INBOX -e 'push \"{keys}\"'", "/dev/null",
        env={"TERM": "xterm", "HOME": str(demo.work)}, input="")
    with imap(demo, bob) as session:
        session.select("INBOX", readonly=True)
        _, data = session.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        text = str(data)
        expect("mutt-keep" in text and "mutt-file" not in text and "mutt-delete" not in text and "Flagged" in text, text)
        session.select("Archive", readonly=True)
        _, data = session.search(None, "SUBJECT", "mutt-file")
        expect(data[0], "the message is not in Archive")
    run("mutt", "-F", rc, "-s", "mutt-sent", "--", alice, input="hello from mutt\n", env={"HOME": str(demo.work)})
    with imap(demo, alice) as session:
        session.select("INBOX", readonly=True)
        expect(wait_for(lambda: session.search(None, "SUBJECT", "mutt-sent")[1][0], "mutt's message"), "not sent")
