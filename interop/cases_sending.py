"""swaks and curl send over submission and submissions."""
import imaplib  # noqa: F401
from demo import alice, bob
from sessions import empty, imap
from shell import expect, message, run


def _swaks(demo, *arguments, check=True):
    return run("swaks", "--server", "localhost", "--tls-verify", "--tls-ca-path", demo.ca, "--timeout", "20", *arguments, check=check)


def _subjects(demo, user):
    with imap(demo, user) as session:
        session.select("INBOX", readonly=True)
        _, data = session.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        return b" ".join(part[1] for part in data if isinstance(part, tuple)).decode()


def case_swaks_sends_over_starttls(demo):
    for mechanism in ("PLAIN", "LOGIN"):
        _swaks(demo, "--port", demo.ports["submission"], "--tls", "--auth", mechanism, "--auth-user", alice,
               "--auth-password", demo.passwords[alice], "--from", alice, "--to", bob, "--header", f"Subject: swaks-{mechanism}")
    subjects = _subjects(demo, bob)
    expect("swaks-PLAIN" in subjects and "swaks-LOGIN" in subjects, subjects)


def case_swaks_sends_over_tls(demo):
    _swaks(demo, "--port", demo.ports["submissions"], "--tlsc", "--auth", "PLAIN", "--auth-user", alice,
           "--auth-password", demo.passwords[alice], "--from", alice, "--to", bob, "--header", "Subject: swaks-tlsc")
    expect("swaks-tlsc" in _subjects(demo, bob), "not delivered")


def case_swaks_delivers_to_port_25(demo):
    _swaks(demo, "--port", demo.ports["smtp"], "--from", "someone@elsewhere.test", "--to", bob, "--header", "Subject: from-outside")
    expect("from-outside" in _subjects(demo, bob), "not delivered")


def case_wrong_password_and_missing_login_are_refused(demo):
    wrong = _swaks(demo, "--port", demo.ports["submission"], "--tls", "--auth", "PLAIN", "--auth-user", alice,
                   "--auth-password", "wrong", "--from", alice, "--to", bob, check=False)
    expect(wrong.returncode == 28 and "535 5.7.8" in wrong.stdout, wrong.stdout)
    none = _swaks(demo, "--port", demo.ports["submission"], "--tls", "--from", alice, "--to", bob, check=False)
    expect("530 5.7.0" in none.stdout, none.stdout)
    plain = _swaks(demo, "--port", demo.ports["submission"], "--auth", "PLAIN", "--auth-user", alice,
                   "--auth-password", demo.passwords[alice], "--from", alice, "--to", bob, check=False)
    expect(plain.returncode != 0, "a password went over plaintext")


def case_relaying_and_unknown_recipients_are_refused(demo):
    relay = _swaks(demo, "--port", demo.ports["smtp"], "--from", "x@elsewhere.test", "--to", "y@elsewhere.test", check=False)
    expect(relay.returncode == 24, relay.stdout)
    unknown = _swaks(demo, "--port", demo.ports["smtp"], "--from", "x@elsewhere.test", "--to", "nobody@example.test", check=False)
    expect("550 5.1.1" in unknown.stdout, unknown.stdout)


def case_another_sender_is_refused(demo):
    other = _swaks(demo, "--port", demo.ports["submissions"], "--tlsc", "--auth", "PLAIN", "--auth-user", alice,
                   "--auth-password", demo.passwords[alice], "--from", bob, "--to", bob, check=False)
    expect(other.returncode != 0, other.stdout)


def case_curl_sends_and_reads(demo):
    empty(demo, bob)
    text = message(alice, bob, "curl-smtps")
    credentials = f"{alice}:{demo.passwords[alice]}"
    run("curl", "-sS", "--cacert", demo.ca, "--url", f"smtps://localhost:{demo.ports['submissions']}", "--user", credentials,
        "--mail-from", alice, "--mail-rcpt", bob, "--upload-file", "-", input=text)
    run("curl", "-sS", "--ssl-reqd", "--cacert", demo.ca, "--url", f"smtp://localhost:{demo.ports['submission']}", "--user",
        credentials, "--mail-from", alice, "--mail-rcpt", bob, "--upload-file", "-", input=message(alice, bob, "curl-starttls"))
    credentials = f"{bob}:{demo.passwords[bob]}"
    first = run("curl", "-sS", "--cacert", demo.ca, "--user", credentials,
                f"imaps://localhost:{demo.ports['imaps']}/INBOX;MAILINDEX=1").stdout
    expect("Subject: curl-smtps" in first and "It works." in first, first)
    both = run("curl", "-sS", "--ssl-reqd", "--cacert", demo.ca, "--user", credentials,
               f"imap://localhost:{demo.ports['imap']}/INBOX?ALL").stdout
    expect(both.split() == ["*", "SEARCH", "1", "2"], both)
    second = run("curl", "-sS", "--cacert", demo.ca, "--user", credentials, f"pop3s://localhost:{demo.ports['pop3s']}/2").stdout
    expect("Subject: curl-starttls" in second, second)
    listing = run("curl", "-sS", "--ssl-reqd", "--cacert", demo.ca, "--user", credentials, f"pop3://localhost:{demo.ports['pop3']}/").stdout
    expect(len(listing.split("\n")) >= 2, listing)


def case_mail_for_other_domains_waits_in_the_queue(demo):
    _swaks(demo, "--port", demo.ports["submissions"], "--tlsc", "--auth", "PLAIN", "--auth-user", alice,
           "--auth-password", demo.passwords[alice], "--from", alice, "--to", "friend@elsewhere.test")
    entries = demo.command("queue", "list", "--to", "friend@elsewhere.test")
    expect(len(entries) == 1 and entries[0]["sender"] == alice, entries)
    lines = demo.command("trace", "--to", "friend@elsewhere.test")
    expect(any(line["outcome"] == "queued" for line in lines), lines)
