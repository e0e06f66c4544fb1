"""Compares a server that was just started with what its clients had been told."""
import json
import os
import shutil
import subprocess
from pathlib import Path

from administrator import Administrator
from clients import Reader, Sender, look

# A segment is full after some messages, and a purge reclaims at once what is deleted: both happen all the time.
settings = ["--set", "store.segmentSize=1MB", "--set", "store.recoverableDays=0"]


def everyone(run):
    """The clients that make a server busy."""
    clients = [Sender(run, "smtp-1", False), Sender(run, "smtp-2", False), Sender(run, "submission", True),
               Administrator(run, "socket"), Administrator(run, "command")]
    return clients + [Reader(run, mailbox, number) for mailbox in run.mailboxes for number in (0, 1)]


def inspect(demo, mailboxes, directory, position=float("inf"), settle=True):
    """What is wrong with the data of a server that was just started."""
    problems = []
    for mailbox in mailboxes:
        try:
            found = mailbox.compare(look(demo, mailbox), position)
        except Exception as problem:  # noqa: BLE001: a mailbox that cannot be read is a finding
            problems.append(f"{mailbox.address}: {problem!r}")
            continue
        problems += found[0]
        if settle:
            mailbox.settle(*found[1:])
    problems += directory.compare(demo, position, settle)
    return problems + verified(demo)


def verified(demo):
    done = subprocess.run([demo.program, "verify", "--json", "--directory", str(demo.directory)], capture_output=True, text=True)
    report = json.loads(done.stdout.splitlines()[0]) if done.stdout else {"findings": ["no report"]}
    if done.returncode == 0 and not report["findings"]:
        return []
    return [f"verify: status {done.returncode}, {json.dumps(report['findings'])[:2000]} {done.stderr[:500]}"]


def keep(demo, name):
    """Copies a damaged folder to where it can be studied."""
    target = Path(os.environ.get("CRASH_KEEP", "/tmp")) / f"found-{name}"
    shutil.copytree(demo.directory, target, ignore=lambda _, names: [name for name in names if name.endswith(".sock")],
                    dirs_exist_ok=True)
    return target
