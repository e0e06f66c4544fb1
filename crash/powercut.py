#!/usr/bin/env python3
"""Rebuilds the data folder as a power cut may leave it, and looks whether all that was acknowledged is there.

`powercut.py [--without-sync NAME] [POINTS] [SEED]`: with --without-sync, syncs of files whose path has NAME in it count for
nothing, which this has to notice.
"""
import argparse
import itertools
import mmap
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "interop"))
from clients import Run, everyone  # noqa: E402
from demo import Demo  # noqa: E402
from kill import inspect, keep  # noqa: E402
from model import Mailbox  # noqa: E402

create, write, size, sync, rename, link, unlink, mkdir, rmdir, unknown = range(1, 11)
head = struct.Struct("<IIQQQ")
journal_capacity = 2 << 30
sector = 512


class Journal:
    """What the preloaded library writes."""

    def __init__(self, path):
        with open(path, "wb") as file:
            file.truncate(journal_capacity)
            file.seek(0)
            file.write(struct.pack("<Q", 8))
        self.file = open(path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), journal_capacity)

    def position(self):
        return struct.unpack_from("<Q", self.map)[0]

    def records(self):
        at, end = 8, self.position()
        while at < end:
            length, kind, node, offset, second = head.unpack_from(self.map, at)
            yield at + length, kind, node, offset, second, self.map[at + head.size:at + length]
            at += length


class File:
    """A file's synced bytes, and the changes since: (position, offset, bytes) or (position, size, None)."""

    def __init__(self, content=b""):
        self.content, self.pending = bytearray(content), []

    @staticmethod
    def put(content, offset, data):
        if data is None:
            del content[offset:]
            content.extend(bytes(offset - len(content)))
            return
        if len(content) < offset:
            content.extend(bytes(offset - len(content)))
        content[offset:offset + len(data)] = data

    def sync(self, began):
        for position, offset, data in self.pending:
            if position <= began:
                self.put(self.content, offset, data)
        self.pending = [change for change in self.pending if change[0] > began]

    def torn(self, generator):
        """The content with a part of the unsynced changes. Of each sector some version since the last sync is there, which is
        what writing back in any order at any time amounts to."""
        content = bytearray(self.content)
        share = generator.choice([0, 0, 0.1, 0.5, 0.9, 1])
        whole = generator.random() < 0.3
        for _, offset, data in self.pending:
            if data is None or whole:
                if generator.random() < share:
                    self.put(content, offset, data)
                continue
            start = 0
            while start < len(data):
                end = min(len(data), start + sector - (offset + start) % sector)
                if generator.random() < share:
                    self.put(content, offset + start, data[start:end])
                start = end
        return content


class Disk:
    """A folder on a disk that keeps only what it was made to keep."""

    def __init__(self, folder):
        self.root = str(folder)
        self.files, self.names, self.folders, self.folder_nodes = {}, {}, {self.root}, {}
        self.pending = []
        for path in [Path(self.root), *sorted(Path(self.root).rglob("*"))]:
            node = path.lstat().st_ino
            if path.is_dir():
                self.folders.add(str(path))
                self.folder_nodes[node] = str(path)
            elif path.is_file() and not path.name.endswith("-shm"):
                self.files[node] = File(path.read_bytes())
                self.names[str(path)] = self.files[node]

    def path_of(self, node):
        if node in self.folder_nodes:
            return self.folder_nodes[node]
        for path, file in self.current.items():
            if file is self.files.get(node):
                return path
        return "?"

    @property
    def current(self):
        names = dict(self.names)
        for _, change in self.pending:
            self.rename(names, change)
        return names

    @staticmethod
    def rename(names, change):
        kind, file, first, second = change
        if kind == create:
            names[first] = file
        elif kind == link:
            names[second] = file
        elif kind == unlink:
            names.pop(first, None)
        elif kind == rename:
            names.pop(first, None)
            names[second] = file

    def record(self, position, kind, node, offset, second, data, ignored):
        if kind in (mkdir, rmdir, unknown):
            raise RuntimeError(f"the journal cannot tell what this does: {kind} {data!r}")
        if kind == write:
            self.files[node].pending.append((position, offset, data))
        elif kind == size:
            self.files[node].pending.append((position, offset, None))
        elif kind == sync:
            if ignored and ignored in self.path_of(node):
                return
            if node in self.folder_nodes:
                path = self.folder_nodes[node]
                late = []
                for when, change in self.pending:
                    parents = {os.path.dirname(name) for name in change[2:] if name}
                    # A rename or link between two folders is taken as kept with either.
                    if when <= second and path in parents:
                        self.rename(self.names, change)
                    else:
                        late.append((when, change))
                self.pending = late
            elif node in self.files:
                self.files[node].sync(second)
        else:
            first, _, rest = data.partition(b"\0")
            first, second = first.decode(), rest.rstrip(b"\0").decode()
            if kind == create:
                self.files[node] = File()
            file = self.files.get(node)
            if file is None:
                # Not a file of ours: the socket, SQLite's shared memory.
                return
            self.pending.append((position, (kind, file, first, second)))

    def after_cut(self, target, generator):
        """Writes a folder as a cut now may leave it."""
        names = dict(self.names)
        share = generator.choice([0, 0, 0.5, 1])
        for _, change in self.pending:
            if generator.random() < share:
                self.rename(names, change)
        for folder in sorted(self.folders):
            made = target + folder[len(self.root):]
            os.makedirs(made, mode=0o700, exist_ok=True)
        contents = {}
        for path, file in names.items():
            if id(file) not in contents:
                contents[id(file)] = file.torn(generator)
            made = target + path[len(self.root):]
            with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                out.write(contents[id(file)])


def library(work):
    made = work / "powercut.so"
    subprocess.run([os.environ.get("CC", "cc"), "-O1", "-Wall", "-shared", "-fPIC", "-o", str(made),
                    str(Path(__file__).with_name("powercut.c")), "-ldl"], check=True)
    return made


def recorded(demo, mailboxes, accounts, work, seed, seconds):
    """Runs the clients against a journalled server that is then killed: the journal and the run."""
    journal = Journal(work / "journal")
    os.environ |= {"LD_PRELOAD": str(library(work)), "POWERCUT_LOG": str(work / "journal"), "POWERCUT_FOLDER": str(demo.directory)}
    demo.start()
    for name in ("LD_PRELOAD", "POWERCUT_LOG", "POWERCUT_FOLDER"):
        del os.environ[name]
    began = journal.position()
    run = Run(demo, mailboxes, accounts, f"{seed}/power", journal.position, itertools.count(1))
    clients = everyone(run)
    for client in clients:
        client.start()
    time.sleep(seconds)
    run.killed.set()
    demo.kill()
    for client in clients:
        client.join(90)
    return journal, run, began


def acknowledgements(mailboxes, accounts):
    variables = list(accounts.values())
    for mailbox in mailboxes:
        variables += mailbox.messages.values()
        variables += [folder.name for folder in mailbox.folders.values()]
    return sorted({operation[1] for variable in variables for operation in variable.operations if operation[1] is not None})


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("points", nargs="?", type=int, default=100)
    arguments.add_argument("seed", nargs="?", type=int, default=random.randrange(1 << 32))
    arguments.add_argument("--without-sync", metavar="NAME")
    chosen = arguments.parse_args()
    print(f"power cut: {chosen.points} points, seed {chosen.seed}", flush=True)
    generator = random.Random(chosen.seed)
    work = Path(tempfile.mkdtemp(prefix="martlet-powercut-"))
    demo = Demo("--accounts", "2", "--plaintext-auth")
    mailboxes, accounts = [Mailbox("user1@example.test"), Mailbox("user2@example.test")], {}
    passed = failed = 0
    try:
        # What is there before the journal begins counts as synced.
        demo.kill()
        disk = Disk(demo.directory)
        journal, run, began = recorded(demo, mailboxes, accounts, work, chosen.seed, min(20, 4 + chosen.points / 20))
        told = acknowledgements(mailboxes, accounts)
        kinds = Counter(kind for _, kind, *_ in journal.records())
        print(f"{run.acknowledged} changes acknowledged; {(journal.position() - 8) >> 20} MB journalled: {kinds[write]} writes, "
              f"{kinds[sync]} syncs, {kinds[link]} objects linked", flush=True)
        for line in run.complaints:
            print("  complaint:", line)
        ends = [end for end, *_ in journal.records() if end >= began]
        # Half of them just when something was acknowledged, half anywhere.
        cuts = sorted(generator.choice(told if told and index % 2 else ends) for index in range(chosen.points))
        records, following, done = journal.records(), None, 0
        for number, cut in enumerate(cuts, 1):
            while True:
                following = following or next(records, None)
                if following is None or following[0] > cut:
                    break
                disk.record(*following, chosen.without_sync)
                following = None
            demo.directory = work / f"cut-{number}"
            disk.after_cut(str(demo.directory), generator)
            before = work / "before"
            shutil.copytree(demo.directory, before)
            (demo.work / "server.log").unlink()
            try:
                demo.start()
                problems = inspect(demo, mailboxes, accounts, cut, settle=False)
            except Exception as problem:  # noqa: BLE001: whatever stops the check is a finding
                problems = [repr(problem)[:1500]]
            if demo.process.poll() is None:
                demo.kill()
            if problems:
                failed += 1
                demo.directory = before
                kept = keep(demo, f"power-{chosen.seed}-{number}") if failed <= 3 else "no place; three are enough"
                print(f"point {number} (journal position {cut}) failed; as the cut left it: {kept}", *problems[:8],
                      f"... {len(problems)} problems", sep="\n  ", flush=True)
            else:
                passed += 1
            shutil.rmtree(before)
            shutil.rmtree(work / f"cut-{number}")
            if number % 20 == 0:
                print(f"{number} points", flush=True)
    finally:
        if demo.process.poll() is None:
            demo.kill()
        demo.close()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
