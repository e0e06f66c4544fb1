#!/usr/bin/env python3
"""Takes data of an older format to this program's and back, and compares what clients see.

`upgrade.py [--old PROGRAM]` starts from the kept folder, or from what PROGRAM, of the older format, makes anew; that program then
serves the folder after each way back. `upgrade.py --power-cut POINTS [SEED]` cuts the power during an upgrade and a rollback, and looks
at what the next start makes of it. `upgrade.py --make PROGRAM FOLDER` makes the folder that is kept.
"""
import argparse
import hashlib
import imaplib
import json
import os
import random
import re
import shutil
import smtplib
import subprocess
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "interop"))
from demo import Demo  # noqa: E402
from disk import Disk, File, Folder, Journal  # noqa: E402
from powercut import library  # noqa: E402

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
        seen = look(demo)
        demo.stop()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("demo.json", "store.sqlite", "content", "objects"):
            source = demo.directory / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        for path in list((folder / "objects").iterdir()):
            # The name says how many bytes to expect.
            target = path.with_name(f"{path.name}-{path.stat().st_size}.zst")
            subprocess.run(["zstd", "-q", "--rm", "--long=24", "-19", str(path), "-o", str(target)], check=True)
        (folder / "seen.json").write_text(json.dumps(seen, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    finally:
        demo.close()


def unpack(target):
    """The kept folder as a data folder."""
    shutil.copytree(kept, target)
    seen = json.loads((target / "seen.json").read_text())
    (target / "seen.json").unlink()
    for path in list((target / "objects").iterdir()):
        subprocess.run(["zstd", "-q", "-d", "--rm", "--long=24", str(path), "-o", str(path.with_name(path.name.split("-")[0]))],
                       check=True)
    return seen


def change(demo):
    """What happens after an upgrade: mail, flags, folders, accounts, a password."""
    with smtplib.SMTP("127.0.0.1", demo.ports["smtp"]) as client:
        client.ehlo("client.example.org")
        for number in range(50, 55):
            client.sendmail("someone@example.org", ["alice@example.test", "bob@example.test"], message(number), ["BODY=8BITMIME"])
    with smtplib.SMTP("127.0.0.1", demo.ports["submission"]) as client:
        client.ehlo("client.example.org")
        client.login("alice@example.test", accounts["alice@example.test"])
        client.sendmail("alice@example.test", ["late@elsewhere.example"], message(55), ["BODY=8BITMIME"])
    alice = login(demo, "alice@example.test")
    done(alice.create("Since"))
    done(alice.append("Since", "(\\Flagged New)", None, message(56)))
    done(alice.append("Since", None, None, large().replace(b"large@", b"later@")))
    done(alice.select('"Projects/2026"'))
    done(alice.uid("STORE", "1:3", "+FLAGS", "(\\Flagged New)"))
    done(alice.uid("MOVE", "4", "Since"))
    done(alice.select("INBOX"))
    done(alice.uid("STORE", "1", "+FLAGS", "(\\Deleted)"))
    done(alice.expunge())
    alice.logout()
    administer(demo, "account", "add", "zoe@example.test", "--password-stdin", text=password + "\n")
    accounts["zoe@example.test"] = password
    administer(demo, "account", "set", "bob@example.test", "--password-stdin", text=second_password + "\n")
    accounts["bob@example.test"] = second_password


def more(demo):
    """Mail only: what a lost index cannot take along."""
    with smtplib.SMTP("127.0.0.1", demo.ports["smtp"]) as client:
        client.ehlo("client.example.org")
        for number in range(60, 65):
            client.sendmail("someone@example.org", ["alice@example.test", "zoe@example.test"], message(number), ["BODY=8BITMIME"])
    alice = login(demo, "alice@example.test")
    done(alice.create('"Since/Later"'))
    done(alice.append('"Since/Later"', "(\\Flagged New)", None, message(66)))
    done(alice.append('"Since/Later"', None, None, large().replace(b"large@", b"latest@")))
    alice.logout()


def validities(seen):
    return [int(re.search(r"UIDVALIDITY (\d+)", folder["status"]).group(1))
            for account in seen["accounts"].values() for folder in account["folders"].values() if folder]


def verify(demo):
    report = subprocess.run([demo.program, "verify", "--json", "--directory", str(demo.directory)], capture_output=True, text=True)
    if report.returncode != 0 or json.loads(report.stdout)["findings"]:
        raise RuntimeError(f"verify: {report.stdout} {report.stderr}")


def compare(what, before, now):
    if before != now:
        for key in sorted(set(before) | set(now)):
            if before.get(key) != now.get(key):
                print(f"{what}: {key} differs:\n  {json.dumps(before.get(key))[:3000]}\n  {json.dumps(now.get(key))[:3000]}")
        raise SystemExit(f"{what}: not as before")
    print(f"{what}: as before")


def roll_back(demo, *arguments):
    done = subprocess.run([demo.program, "rollback", "--json", "--directory", str(demo.directory), *arguments],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"rollback: {done.stdout} {done.stderr}")
    return json.loads(done.stdout)


def messages(seen):
    """Account → digests of all its messages, sorted."""
    return {address: sorted(message["sha256"] for folder in account["folders"].values() for message in folder.get("messages", {}).values())
            for address, account in seen["accounts"].items()}


def serve(demo, program):
    demo.program = program
    demo.start()
    verify(demo)
    seen = look(demo)
    demo.stop()
    return seen


def check(new, old):
    demo = Demo(*settings, program=old or new, starts=False)
    try:
        if old:
            demo.start()
            fill(demo)
            before = look(demo)
            demo.stop()
        else:
            before = unpack(demo.directory)
        compare("upgraded", before, serve(demo, new))
        roll_back(demo)
        if old:
            compare("rolled back, by the old program", before, serve(demo, old))
        demo.program = new
        demo.start()
        change(demo)
        verify(demo)
        changed = look(demo)
        demo.stop()
        report = roll_back(demo)
        print("rollback:", json.dumps(report))
        if old:
            compare("rolled back with what came since, by the old program", changed, serve(demo, old))
        compare("upgraded again", changed, serve(demo, new))
        demo.start()
        more(demo)
        latest = look(demo)
        demo.stop()
        # Now the index is lost: the snapshot from before, and mail accepted since as it was delivered.
        with open(demo.directory / "store.sqlite", "r+b") as index:
            index.write(b"\0" * 20000)
        report = roll_back(demo)
        print("rollback from a snapshot:", json.dumps(report))
        restored = serve(demo, old or new)
        compare("messages after the loss of the index", messages(latest), messages(restored))
        highest = max(validities(latest))
        if min(validities(restored)) <= highest:
            raise SystemExit("a UIDVALIDITY was given again")
    finally:
        demo.close()


def journalled(work, root, program, *arguments):
    """Runs a command on the data folder under `root`. Returns the journal, and the disk before, of which all is synced."""
    disk = Disk(root, random.Random())
    for path in sorted(root.rglob("*")):
        if path.is_socket():
            continue
        made = Folder() if path.is_dir() else File(path.read_bytes())
        made = disk.nodes.setdefault(path.stat().st_ino, made)
        disk.names[str(path)] = made
        disk.paths[id(made)] = str(path)
    (work / "journal").unlink(missing_ok=True)
    journal = Journal(work / "journal")
    environment = {"LD_PRELOAD": str(library(work, "powercut")), "POWERCUT_LOG": str(work / "journal"), "POWERCUT_FOLDER": str(root)}
    ran = subprocess.run([program, *arguments, "--json", "--directory", str(root / "data")], env={**os.environ, **environment},
                         capture_output=True, text=True)
    if ran.returncode != 0:
        raise SystemExit(f"{arguments}: {ran.stdout} {ran.stderr}")
    return journal, disk


def cut(demo, what, before, points, generator, *arguments):
    """Cuts the power at `points` instants of a command; the next start must see what was there before it."""
    root = demo.work / "disk"
    journal, disk = journalled(demo.work, root, demo.program, *arguments)
    disk.generator = generator
    records = list(journal.records())
    cuts = sorted(generator.sample(range(len(records) + 1), min(points, len(records) + 1)) + [len(records)])
    kept, done, formats = demo.directory, 0, []
    for position in cuts:
        for record in records[done:position]:
            disk.record(*record, None)
        done = position
        target = demo.work / "cut"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        disk.after_cut(str(target))
        demo.directory = target / "data"
        formats.append((demo.directory / "store.sqlite").read_bytes()[63:64])
        demo.start()
        now = look(demo)
        verify(demo)
        demo.stop()
        if now != before:
            compare(f"{what}, cut at record {position} of {len(records)}", before, now)
    journal.close()
    demo.directory = kept
    print(f"{what}: {len(cuts)} cuts in {len(records)} changes of the disk, "
          f"{len([format for format in formats if format == formats[0]])} before the commitment; all as before")


def cut_power(new, points, seed):
    generator = random.Random(seed)
    print(f"power cut: {points} points each, seed {seed}")
    demo = Demo(*settings, program=new, starts=False)
    try:
        (demo.work / "disk").mkdir()
        demo.directory = demo.work / "disk/data"
        before = unpack(demo.directory)
        cut(demo, "upgrade", before, points, generator, "status")
        demo.start()
        change(demo)
        changed = look(demo)
        demo.stop()
        cut(demo, "rollback", changed, points, generator, "rollback")
    finally:
        demo.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--make", nargs=2)
    parser.add_argument("--old")
    parser.add_argument("--new", default=os.environ.get("MARTLET", str(root / ".build/release/martlet")))
    parser.add_argument("--power-cut", nargs="+", type=int)
    options = parser.parse_args()
    if options.make:
        make(options.make[0], Path(options.make[1]))
    elif options.power_cut:
        cut_power(options.new, options.power_cut[0], (options.power_cut + [random.randrange(1 << 32)])[1])
    else:
        check(options.new, options.old)
