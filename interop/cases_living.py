"""Two sessions see each other's changes; what was done survives a restart."""
import socket
import ssl
import statistics
import time
from demo import alice, bob
from sessions import empty, imap, submission, tls
from shell import expect, message


class Raw:
    """An IMAP connection by hand, for IDLE."""

    def __init__(self, demo, user):
        plain = socket.create_connection(("localhost", demo.ports["imaps"]), 20)
        self.socket = tls(demo).wrap_socket(plain, server_hostname="localhost")
        self.file = self.socket.makefile("rb")
        self.file.readline()
        self.command(f'LOGIN {user} "{demo.passwords[user]}"')

    def send(self, text):
        self.socket.sendall(text.encode() + b"\r\n")

    def command(self, text):
        self.send("a " + text)
        lines = []
        while True:
            line = self.file.readline()
            lines.append(line)
            if line.startswith(b"a "):
                expect(line.startswith(b"a OK"), line)
                return lines

    def until(self, word):
        while True:
            line = self.file.readline()
            if not line:
                raise AssertionError("the server closed the connection")
            if word in line:
                return line


def case_idle_shows_changes_within_100_ms(demo):
    empty(demo, bob)
    watcher = Raw(demo, bob)
    watcher.command("SELECT INBOX")
    watcher.send("b IDLE")
    watcher.until(b"+ ")
    times = {"delivery": [], "flag": [], "expunge": []}
    with imap(demo, bob) as other, submission(demo, alice) as sender:
        other.select("INBOX")
        for turn in range(20):
            text = message(alice, bob, f"idle {turn}").encode()
            start = time.perf_counter()
            sender.sendmail(alice, [bob], text)
            watcher.until(b"EXISTS")
            times["delivery"].append(time.perf_counter() - start)
            other.noop()
            start = time.perf_counter()
            other.store("1", "+FLAGS", "(\\Flagged \\Deleted)")
            watcher.until(b"FETCH")
            times["flag"].append(time.perf_counter() - start)
            start = time.perf_counter()
            other.expunge()
            watcher.until(b"EXPUNGE")
            times["expunge"].append(time.perf_counter() - start)
    watcher.send("DONE")
    watcher.until(b"b OK")
    worst = max(max(values) for values in times.values())
    expect(worst < 0.1, times)
    return ", ".join(f"{name} {statistics.median(values) * 1000:.1f} ms" for name, values in times.items())


def _rows(session):
    """All messages' numbers; \\Recent is of a session, not of a message."""
    lines = session.fetch("1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE)")[1]
    return [line.replace(b"\\Recent ", b"").replace(b" \\Recent", b"") for line in lines]


def case_everything_survives_a_restart(demo):
    empty(demo, bob)
    with imap(demo, bob) as session:
        session.create("Years/2026")
        session.subscribe("Years/2026")
        for number in range(3):
            session.append("INBOX", "(\\Seen $Forwarded)", None, message(alice, bob, f"kept {number}").encode())
        session.select("INBOX")
        session.store("2", "+FLAGS", "(\\Flagged)")
        session.uid("MOVE", session.uid("SEARCH", None, "SUBJECT", "kept 2")[1][0].decode(), "Years/2026")
        before = _rows(session)
        status = session.status("INBOX", "(UIDNEXT UIDVALIDITY MESSAGES)")[1]
    for ending in (demo.stop, demo.kill):
        ending()
        demo.start()
        with imap(demo, bob) as session:
            session.select("INBOX")
            after = _rows(session)
            expect(after == before, f"INBOX is not as it was: {after} instead of {before}")
            expect(session.status("INBOX", "(UIDNEXT UIDVALIDITY MESSAGES)")[1] == status, "the folder's numbers changed")
            expect(session.select("Years/2026")[1] == [b"1"], "the moved message is gone")
            expect(b"Years/2026" in b" ".join(session.lsub()[1]), "the subscription is gone")


def case_a_graceful_stop_says_goodbye(demo):
    session = Raw(demo, bob)
    session.command("SELECT INBOX")
    session.send("b IDLE")
    session.until(b"+ ")
    demo.stop()
    rest = session.file.read()
    expect(b"* BYE" in rest, rest)
    demo.start()


def case_a_new_password_ends_sessions(demo):
    session = Raw(demo, alice)
    session.command("SELECT INBOX")
    session.send("b IDLE")
    session.until(b"+ ")
    import subprocess
    subprocess.run([demo.program, "account", "set", alice, "--password-stdin", "--directory", str(demo.directory)],
                   input="another-long-word-7\n", text=True, check=True, capture_output=True)
    demo.passwords[alice] = "another-long-word-7"
    rest = session.file.read()
    expect(b"* BYE" in rest, rest)
    imap(demo, alice).logout()


def case_tls_is_modern(demo):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = tls(demo)
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(("localhost", demo.ports["imaps"])) as plain, context.wrap_socket(plain, server_hostname="localhost") as secure:
            expect(secure.recv(4) == b"* OK", version)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        with socket.create_connection(("localhost", demo.ports["imaps"])) as plain, context.wrap_socket(plain):
            raise AssertionError("TLS 1.1 was accepted")
    except ssl.SSLError:
        pass
