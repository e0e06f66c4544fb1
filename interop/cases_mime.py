"""Every file of the MIME fixtures goes in and comes out byte for byte, with a structure that agrees with the parser's."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from demo import alice, bob, root
from sessions import imap, submission  # noqa: F401
from shell import expect, run
from structure import parse, summary
import smtplib

arguments = ["--plaintext-auth"]
fixtures = Path(os.environ.get("MARTLET_FIXTURES", root.parent / "shared/fixtures")) / "mime"


class Skip(Exception):
    pass


def _files():
    if not fixtures.is_dir():
        raise Skip(f"no fixtures at {fixtures}")
    return sorted(path for path in fixtures.rglob("*") if path.is_file())


def _literal(data):
    """The bytes of the one literal in a FETCH response."""
    for part in data:
        if isinstance(part, tuple):
            return part[1]
    # A short body may come as a quoted string.
    found = re.search(rb'BODY\[\] "(.*)"\)$', data[0] or b"", re.S)
    return found.group(1).replace(b'\\"', b'"').replace(b"\\\\", b"\\") if found else b""


def _may_go_by_smtp(data):
    """Whether strict CRLF lines of at most 998 bytes, and nothing else (RFC 5321 section 4.5.3.1.6)."""
    return data.endswith(b"\r\n") and not re.search(rb"\r(?!\n)|(?<!\r)\n", data) and b"\0" not in data


def case_every_file_comes_out_byte_for_byte(demo):
    by_smtp = by_append = 0
    with imap(demo, bob) as session, smtplib.SMTP("127.0.0.1", demo.ports["smtp"]) as sender:
        session.create("Fixtures")
        sender.ehlo("client.test")
        for path in _files():
            for data in {path.read_bytes(), re.sub(rb"\r?\n|\r", b"\r\n", path.read_bytes())}:
                if not data:
                    continue
                if _may_go_by_smtp(data):
                    folder = "INBOX"
                    code, text = sender.mail("sender@elsewhere.test", ["BODY=8BITMIME", "SMTPUTF8"])
                    expect(code == 250, text)
                    expect(sender.rcpt(bob)[0] == 250, "RCPT")
                    code, text = sender.data(data)
                    if code != 250:
                        # Too many Received lines, or a header too large: the door may refuse what a folder must keep.
                        folder = "Fixtures"
                else:
                    folder = "Fixtures"
                if folder == "Fixtures":
                    status, answer = _append_raw(session, data)
                    expect(status == "OK", (path, answer))
                    by_append += 1
                else:
                    by_smtp += 1
                count = int(session.select(folder, readonly=True)[1][0])
                back = _literal(session.fetch(str(count), "(BODY.PEEK[])")[1])
                if folder == "INBOX":
                    expect(back.endswith(data) and back.startswith(b"Return-Path:"), f"{path}: other bytes came back")
                    expect(len(back) - len(data) < 1000, f"{path}: too much was added")
                else:
                    expect(back == data, f"{path}: other bytes came back: {back[:200]!r} instead of {data[:200]!r}")
    return f"{by_smtp} by SMTP, {by_append} by APPEND"


def _append_raw(session, data):
    """APPEND of the bytes as they are: imaplib's own method rewrites line ends."""
    tag = session._new_tag()
    size = len(data)
    binary = b"~" if b"\0" in data else b""
    session.send(tag + b' APPEND "Fixtures" ' + binary + b"{%d}\r\n" % size)
    line = session._get_line()
    expect(line.startswith(b"+"), line)
    session.send(data + b"\r\n")
    while True:
        line = session._get_line()
        if line.startswith(tag):
            return line[len(tag) + 1:].split()[0].decode(), line


def case_body_structures_agree_with_the_parser(demo):
    compared = 0
    with imap(demo, bob) as session:
        session.create("Structures")
        for path in _files():
            if path.suffix not in (".eml", ".msg", ".txt"):
                continue
            data = path.read_bytes()
            if not data or b"\0" in data:
                continue
            tag_folder = "Structures"
            report = json.loads(run(demo.program, "check", "mime", path, "--json").stdout)
            tag = session._new_tag()
            session.send(tag + b' APPEND "%s" {%d}\r\n' % (tag_folder.encode(), len(data)))
            session._get_line()
            session.send(data + b"\r\n")
            while not session._get_line().startswith(tag):
                pass
            count = int(session.select(tag_folder, readonly=True)[1][0])
            answer = session.fetch(str(count), "(BODYSTRUCTURE)")[1]
            joined = b"".join(part if isinstance(part, bytes) else part[0] + b"\r\n" + part[1] for part in answer)
            body, _ = parse(joined, joined.index(b"BODYSTRUCTURE ") + 14)
            _same(summary(body), report, path)
            compared += 1
    return f"{compared} messages"


def _same(ours, report, path):
    expect(ours["type"] == report["type"], f"{path}: {ours['type']} in BODYSTRUCTURE, {report['type']} by the parser")
    for key in ("size", "lines"):
        if key in ours and not ours["type"].startswith("multipart/"):
            expect(ours[key] == report[key], f"{path}: {key} is {ours[key]} in BODYSTRUCTURE, {report[key]} by the parser")
    if ours["type"] in ("message/rfc822", "message/global") and not report["parts"]:
        # A message in base64, or one beyond the depth that is followed: BODYSTRUCTURE must show a message, so it is an empty one.
        return
    expect(len(ours["parts"]) == len(report["parts"]), f"{path}: another number of parts in {ours['type']}")
    for left, right in zip(ours["parts"], report["parts"]):
        _same(left, right, path)


def case_structures_agree_with_pythons(demo):
    files = [path for path in _files() if path.suffix in (".eml", ".msg") or path.parent.name in ("cpython-test_email", "cur", "new")]
    done = subprocess.run(
        [sys.executable, root / "scripts/compare-mime-with-python", "--program", f"{demo.program} check mime --json", *files],
        capture_output=True, text=True)
    expect(done.returncode == 0, done.stdout[-3000:])
    return done.stdout.splitlines()[-1]
