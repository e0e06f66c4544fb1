#!/usr/bin/env python3
"""Takes data of an older format to this program's and back, and compares what clients see.

`upgrade.py [--old PROGRAM]` starts from the kept folder, or from what PROGRAM, of the older format, makes anew; that program then
opens the folder after the rollback as well. `upgrade.py --make PROGRAM FOLDER` makes the folder that is kept.
"""
import argparse
import hashlib
import imaplib
import json
import random
import re
import shutil
import smtplib
import subprocess
import sys
import tempfile
from pathlib import Path

root = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "interop"))
from demo import Demo  # noqa: E402

kept = root / "Tests/SQLiteEngineTests/Fixtures/format-0"
password, second_password = "correct horse 0", "battery staple 0"
accounts = {name: password for name in ("alice@example.test", "bob@example.test", "carol@example.test")}
accounts["carol@example.test"] = second_password
settings = ["--password", password, "--plaintext-auth"]


def administer(demo, *arguments, text=None):
    subprocess.run([demo.program, *arguments, "--directory", str(demo.directory)], check=True, input=text, text=True,
                   stdout=subprocess.DEVNULL)


def login(demo, address):
    client = imaplib.IMAP4("127.0.0.1", demo.ports["imap"])
    client.login(address, accounts[address])
    return client


def done(reply):
    status, data = reply
    if status != "OK":
        raise RuntimeError(f"refused: {data}")
    return data


def message(number, words=40):
    generator = random.Random(number)
    text = "\r\n".join(" ".join(generator.choice(["mail", "server", "Zürich", "folder", "snapshot", "bird"]) for _ in range(10))
                       for _ in range(words))
    return (f"Message-ID: <{number}@example.test>\r\nFrom: Alice <alice@example.test>\r\nTo: bob@example.test\r\n"
            f"Subject: number {number}\r\nDate: Sat, 21 Nov 2026 10:00:{number % 60:02} +0000\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n").encode()


def large():
    """Stored as an object of its own, though it compresses well: zstd frames of 256 KiB are all alike, and nothing repeats in one."""
    generator = random.Random(0)
    block = "".join("".join(generator.choice("0123456789abcdef") for _ in range(62)) + "\r\n" for _ in range(4096))
    head = "Message-ID: <large@example.test>\r\nSubject: large\r\n\r\n"
    # The blocks begin with the second frame.
    head += ("x" * 62 + "\r\n") * ((262144 - len(head)) // 64)
    head += "x" * (262144 - len(head) - 2) + "\r\n"
    return (head + block * 34).encode()


def fill(demo):
    """Some of everything that a store holds."""
    administer(demo, "account", "add", "carol@example.test", "--name", "Carol Ω", "--quota", "50MB", "--alias",
               "caroline@example.test", "--password-stdin", text=password + "\n")
    administer(demo, "account", "add", "dave@example.test", "--password-stdin", text=password + "\n")
    administer(demo, "account", "disable", "dave@example.test")
    administer(demo, "account", "add", "eve@example.test", "--password-stdin", text=password + "\n")
    administer(demo, "account", "remove", "eve@example.test")
    administer(demo, "account", "set", "carol@example.test", "--password-stdin", text=second_password + "\n")
    administer(demo, "alias", "add", "info@example.test", "alice@example.test")
    administer(demo, "group", "set", "team@example.test", "alice@example.test", "bob@example.test", "friend@elsewhere.example")
    with smtplib.SMTP("127.0.0.1", demo.ports["smtp"]) as client:
        client.ehlo("client.example.org")
        client.sendmail("someone@example.org", ["alice@example.test", "bob@example.test"], message(1), ["BODY=8BITMIME"])
        client.sendmail("someone@example.org", ["info@example.test", "caroline@example.test"], message(2), ["BODY=8BITMIME"])
        client.sendmail("", ["bob@example.test"], message(3), ["BODY=8BITMIME"])
    with smtplib.SMTP("127.0.0.1", demo.ports["submission"]) as client:
        client.ehlo("client.example.org")
        client.login("alice@example.test", password)
        client.sendmail("alice@example.test", ["team@example.test", "far@elsewhere.example"], message(4), ["BODY=8BITMIME"])
    alice = login(demo, "alice@example.test")
    for folder in ("Projects", "Projects/2026", "Projects/2026/&AMQ-pfel", "Old", "Gone"):
        done(alice.create(f'"{folder}"'))
    done(alice.subscribe('"Projects/2026"'))
    for number in range(10, 30):
        flags = [None, "(\\Seen)", "(\\Seen \\Answered $Forwarded)", "(\\Flagged Later)", "(\\Draft)"][number % 5]
        done(alice.append('"Projects/2026"', flags, f'"{number % 28 + 1:02}-Oct-2026 08:00:00 +0200"', message(number)))
    done(alice.append('"Projects"', None, None, large()))
    done(alice.append('"Gone"', None, None, message(40)))
    done(alice.delete('"Gone"'))
    done(alice.rename('"Old"', '"Projects/Older"'))
    done(alice.select('"Projects/2026"'))
    done(alice.uid("COPY", "2:4", '"Projects/Older"'))
    done(alice.uid("MOVE", "5:6", '"Projects/2026/&AMQ-pfel"'))
    done(alice.uid("STORE", "7:9", "+FLAGS", "(Urgent)"))
    done(alice.uid("STORE", "10", "-FLAGS", "(\\Seen)"))
    done(alice.uid("STORE", "11:12", "+FLAGS.SILENT", "(\\Deleted)"))
    done(alice.expunge())
    alice.logout()
    bob = login(demo, "bob@example.test")
    done(bob.select("INBOX"))
    done(bob.uid("STORE", "1", "+FLAGS", "(\\Seen \\Flagged)"))
    bob.logout()


def look(demo):
    """What clients and the administrator see."""
    seen = {"accounts": {}}
    for address in accounts:
        client = login(demo, address)
        folders = {}
        for line in done(client.list()):
            name = re.search(rb' "/" (.*)$', line).group(1).decode()
            if b"\\Noselect" in line or b"\\NonExistent" in line:
                folders[name] = {}
                continue
            status = done(client.status(name, "(UIDVALIDITY UIDNEXT MESSAGES UNSEEN HIGHESTMODSEQ MAILBOXID)"))[0].decode()
            folder = {"status": re.search(r"\((.*)\)\s*$", status).group(1)}
            done(client.select(name, readonly=True))
            messages = {}
            for part in done(client.uid("FETCH", "1:*", "(UID FLAGS MODSEQ INTERNALDATE EMAILID THREADID BODY.PEEK[])")):
                if isinstance(part, tuple):
                    text = part[0].decode()
                    one = lambda pattern: re.search(pattern, text).group(1)  # noqa: E731
                    messages[one(r"UID (\d+)")] = {
                        "flags": " ".join(sorted(flag for flag in one(r"FLAGS \(([^)]*)\)").split() if flag != "\\Recent")),
                        "modseq": one(r"MODSEQ \((\d+)\)"), "date": one(r'INTERNALDATE "([^"]*)"'),
                        "email": one(r"EMAILID \(([^)]*)\)"), "thread": one(r"THREADID \(([^)]*)\)"),
                        "size": len(part[1]), "sha256": hashlib.sha256(part[1]).hexdigest()}
            folder["messages"] = messages
            folders[name] = folder
        subscribed = sorted(re.search(rb' "/" (.*)$', line).group(1).decode() for line in done(client.lsub()) if line)
        seen["accounts"][address] = {"password": accounts[address], "folders": folders, "subscribed": subscribed}
        client.logout()
    seen["directory"] = {kind: demo.command(kind, "list") for kind in ("account", "alias", "domain")}
    seen["queue"] = demo.command("queue", "list")
    seen["trace"] = demo.command("trace")
    return seen


def make(program, folder):
    demo = Demo(*settings, program=program)
    try:
        fill(demo)
        # As the next start sees it: no flag \Recent is left.
        seen = look(demo)
        demo.stop()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("demo.json", "store.sqlite", "content", "objects"):
            source = demo.directory / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        for path in (folder / "objects").iterdir():
            subprocess.run(["zstd", "-q", "--rm", "--long=24", "-19", str(path)], check=True)
        (folder / "seen.json").write_text(json.dumps(seen, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    finally:
        demo.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--make", nargs=2)
    options = parser.parse_args()
    if options.make:
        make(options.make[0], Path(options.make[1]))
