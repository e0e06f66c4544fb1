#!/usr/bin/env python3
"""Rebuilds the data folder as a power cut may leave it, and looks whether all that was acknowledged is there.

`powercut.py [--proofs] [--unsynced PROGRAM] [POINTS] [SEED]`. --proofs: afterwards looks again as if the syncs of the segments,
then of SQLite, had not been there, and fails unless each is noticed; with --unsynced by a program that really leaves them out.
"""
import argparse
import itertools
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "interop"))
import disk as kinds  # noqa: E402
from administrator import Administrator, Directory  # noqa: E402
from clients import Run  # noqa: E402
from demo import Demo  # noqa: E402
from disk import Disk, Journal  # noqa: E402
from inspection import everyone, inspect, keep, settings  # noqa: E402
from model import Mailbox  # noqa: E402


def library(work, name):
    made = work / f"{name}.so"
    if not made.exists():
        subprocess.run([os.environ.get("CC", "cc"), "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(made),
                        str(Path(__file__).with_name(f"{name}.c")), "-ldl", "-lpthread"], check=True)
    return made


class Recording:
    """A run of the clients whose every change to the disk is in a journal: the first start, a busy server, commands without a
    server, a busy server again; each ends with SIGKILL."""

    def __init__(self, seed, seconds, program=None, environment=(), generator=None):
        self.generator = generator
        self.seed, self.serial = seed, itertools.count(1)
        self.demo = Demo("--accounts", "2", "--plaintext-auth", *settings, program=program, starts=False)
        self.demo.settings = settings
        self.work = self.demo.work
        self.root = self.work / "disk"
        self.root.mkdir()
        self.demo.directory = self.root / "data"
        self.mailboxes = [Mailbox("user1@example.test"), Mailbox("user2@example.test")]
        self.directory = Directory()
        self.journal = Journal(self.work / "journal")
        self.environment = {"LD_PRELOAD": str(library(self.work, "powercut")), "POWERCUT_LOG": str(self.work / "journal"),
                            "POWERCUT_FOLDER": str(self.root), **dict(environment)}
        self.acknowledged, self.complaints, self.refused = 0, [], []
        self.prepare()
        os.environ |= self.environment
        try:
            self.start()
            self.printed = self.secrets()
            self.began = self.position
            self.busy("first", seconds)
            self.alone()
            self.start()
            self.busy("second", seconds / 2)
        finally:
            for name in self.environment:
                os.environ.pop(name, None)

    def prepare(self):
        """More for the environment."""

    def pass_time(self, seconds):
        """While the clients are at work."""
        time.sleep(seconds)

    @property
    def position(self):
        return self.journal.position()

    def start(self):
        self.demo.start()

    def secrets(self):
        """What the demo printed for people to keep."""
        return (tuple(sorted(self.demo.passwords.items())), Path(self.demo.ca).read_bytes())

    def run(self, name):
        return Run(self.demo, self.mailboxes, self.directory, f"{self.seed}/{name}", self.journal.position, self.serial)

    def busy(self, name, seconds):
        run = self.run(name)
        clients = everyone(run)
        for client in clients:
            client.start()
        self.pass_time(seconds)
        run.killed.set()
        self.demo.kill()
        self.end(run, clients)

    def alone(self):
        run = self.run("alone")
        client = Administrator(run, "offline")
        client.start()
        time.sleep(2)
        run.killed.set()
        if client.process and client.process.poll() is None:
            client.process.kill()
        self.end(run, [client])

    def end(self, run, clients):
        for client in clients:
            client.join(120)
        self.acknowledged += run.acknowledged
        self.complaints += run.complaints
        self.refused += run.refused

    def acknowledgements(self):
        variables = self.directory.variables
        for mailbox in self.mailboxes:
            variables += mailbox.messages.values()
            variables += [folder.name for folder in mailbox.folders.values()]
        return sorted({operation[1] for variable in variables for operation in variable.operations if operation[1] is not None})

    def cuts(self, count, generator):
        """A tenth in the first start, of the rest half just when something was acknowledged, half anywhere."""
        told, ends = self.acknowledgements(), [end for end, *_ in self.journal.records()]
        first, later = [end for end in ends if end < self.began], [end for end in ends if end >= self.began]
        return sorted(generator.choice(first if index % 10 == 0 else told if told and index % 2 else later)
                      for index in range(count))

    def describe(self):
        counts = Counter(kind for _, kind, *_ in self.journal.records())
        print(f"{self.acknowledged} changes acknowledged; {(self.position - 8) >> 20} MB journalled: {counts[kinds.write]} writes, "
              f"{counts[kinds.sync]} syncs, {counts[kinds.link]} objects linked, {counts[kinds.lost]} syncs failed", flush=True)
        for line in self.complaints:
            print("  complaint:", line)

    def close(self):
        if self.demo.process.poll() is None:
            self.demo.kill()
        self.journal.close()
        shutil.rmtree(self.work, ignore_errors=True)


def check(recording, cuts, generator, ignored=None, patience=None):
    """(passed, failed) at the cuts; stops after `patience` failures, which are then what is hoped for."""
    demo = recording.demo
    disk = Disk(recording.root, generator)
    passed = failed = 0
    records, following = recording.journal.records(), None
    for number, cut in enumerate(cuts, 1):
        while True:
            following = following or next(records, None)
            if following is None or following[0] > cut:
                break
            disk.record(*following, ignored)
            following = None
        target, before = recording.work / "cut", recording.work / "before"
        for folder in (target, before):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        disk.after_cut(str(target))
        shutil.copytree(target, before, dirs_exist_ok=True)
        demo.directory = target / "data"
        (recording.work / "server.log").write_bytes(b"")
        try:
            demo.start()
            problems = inspect(demo, recording.mailboxes, recording.directory, cut, settle=False)
            if cut >= recording.began and recording.secrets() != recording.printed:
                problems.append("the demo's passwords or authority have changed")
        except Exception as problem:  # noqa: BLE001: whatever stops the check is a finding
            problems = [repr(problem)[:1500]]
        if demo.process.poll() is None:
            demo.kill()
        if problems:
            failed += 1
            if patience:
                print(f"  point {number}: {problems[0][:200]}", flush=True)
            else:
                demo.directory = before
                kept = keep(demo, f"power-{recording.seed}-{number}") if failed <= 3 else "no place; three are enough"
                print(f"point {number} (journal position {cut}) failed; as the cut left it: {kept}", *problems[:8],
                      f"... {len(problems)} problems", sep="\n  ", flush=True)
        else:
            passed += 1
        if patience and failed >= patience:
            break
        if number % 50 == 0 and not patience:
            print(f"{number} points", flush=True)
    return passed, failed


def prove(recording, what, cuts, generator, ignored=None):
    """Whether a server without these syncs is caught."""
    passed, failed = check(recording, cuts, generator, ignored, patience=1)
    print(f"without the syncs of {what}: " + (f"caught after {passed + failed} points" if failed else
                                             f"NOT CAUGHT at {passed} points"), flush=True)
    return failed > 0


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("points", nargs="?", type=int, default=100)
    arguments.add_argument("seed", nargs="?", type=int, default=random.randrange(1 << 32))
    arguments.add_argument("--proofs", action="store_true")
    arguments.add_argument("--unsynced", metavar="PROGRAM")
    arguments.add_argument("--seconds", type=float)
    chosen = arguments.parse_args()
    print(f"power cut: {chosen.points} points, seed {chosen.seed}", flush=True)
    generator = random.Random(chosen.seed)
    seconds = chosen.seconds or min(20, 4 + chosen.points / 20)
    recording = Recording(chosen.seed, seconds)
    proven = True
    try:
        recording.describe()
        passed, failed = check(recording, recording.cuts(chosen.points, generator), generator)
        print(f"{passed} passed, {failed} failed", flush=True)
        if chosen.proofs:
            for what, ignored in (("the segments", ".seg"), ("SQLite", "store.sqlite")):
                cuts = recording.cuts(400, generator)
                generator.shuffle(cuts)
                proven &= prove(recording, what, sorted(cuts[:40]), generator, ignored)
    finally:
        recording.close()
    for what in ("segment", "index") if chosen.unsynced else ():
        recording = Recording(chosen.seed, 4, chosen.unsynced, {"MARTLET_OMIT_SYNC": what}.items())
        try:
            recording.describe()
            proven &= prove(recording, f"the {what}, left out by the program", recording.cuts(60, generator), generator)
        finally:
            recording.close()
    sys.exit(1 if failed or not passed or recording.complaints or not proven else 0)


if __name__ == "__main__":
    main()
