#!/usr/bin/env python3
"""Kills a busy server again and again, and looks whether all that it had acknowledged is there. `kill.py [CYCLES] [SEED]`"""
import itertools
import random
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "interop"))
from administrator import Administrator, Directory  # noqa: E402
from clients import Run  # noqa: E402
from demo import Demo  # noqa: E402
from inspection import everyone, inspect, keep, settings  # noqa: E402
from model import Mailbox  # noqa: E402


class Campaign:
    """One server, killed in cycles."""

    def __init__(self, seed):
        self.seed, self.generator = seed, random.Random(seed)
        self.demo = Demo("--accounts", "2", "--plaintext-auth", *settings)
        self.demo.settings = settings
        self.mailboxes = [Mailbox("user1@example.test"), Mailbox("user2@example.test")]
        self.directory, self.serial = Directory(), itertools.count(1)
        self.acknowledged = self.refused = self.under_way = self.commands = 0

    def run(self, name):
        return Run(self.demo, self.mailboxes, self.directory, f"{self.seed}/{name}", time.monotonic, self.serial)

    def cycle(self, number):
        """The findings of one cycle: a busy server killed, now and then commands without a server killed, then a look."""
        run = self.run(number)
        clients = everyone(run)
        for client in clients:
            client.start()
        time.sleep(self.generator.uniform(0.1, 1.5))
        run.killed.set()
        self.demo.kill()
        for client in clients:
            client.join(90)
        problems = run.complaints + self.count(run)
        if self.generator.random() < 0.25:
            problems += self.without_server(number)
        self.demo.start()
        return problems + inspect(self.demo, self.mailboxes, self.directory)

    def without_server(self, number):
        """Commands that open the folder themselves; the last one is killed."""
        run = self.run(f"{number}/offline")
        client = Administrator(run, "offline")
        client.start()
        time.sleep(self.generator.uniform(0.3, 2.5))
        run.killed.set()
        if client.process and client.process.poll() is None:
            client.process.kill()
        client.join(120)
        self.commands += run.acknowledged
        return run.complaints + self.count(run)

    def count(self, run):
        self.acknowledged += run.acknowledged
        self.refused += len(run.refused)
        variables = self.directory.variables
        for mailbox in self.mailboxes:
            variables += mailbox.messages.values()
        self.under_way += sum(not variable.settled for variable in variables)
        return [f"refused: {line[:300]}" for line in sorted(set(run.refused)) if "IN-USE" not in line and "INUSE" not in line
                and "NONEXISTENT" not in line and "does not exist" not in line.lower()][:5]


def first_start(generator):
    """A folder whose making is killed several times must end as a working one; passwords once printed stay."""
    demo = Demo("--accounts", "2", "--plaintext-auth", *settings, starts=False)
    told = None
    try:
        for _ in range(generator.randrange(1, 4)):
            demo.begin()
            time.sleep(generator.uniform(0, 0.5))
            demo.kill()
            line = demo.process.stdout.read()
            if line:
                demo.take(line)
                told = told or demo.passwords
        demo.start()
        problems = [] if told in (None, demo.passwords) else ["the demo's passwords have changed"]
        return problems + inspect(demo, [Mailbox("user1@example.test"), Mailbox("user2@example.test")], Directory())
    except Exception as problem:  # noqa: BLE001: whatever stops it is a finding
        return [f"first start: {problem!r}"]
    finally:
        if demo.process.poll() is None:
            demo.kill()
        shutil.rmtree(demo.work, ignore_errors=True)


def main():
    cycles = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    print(f"kill -9: {cycles} cycles, seed {seed}", flush=True)
    campaign = Campaign(seed)
    passed = failed = fresh = 0
    began = time.monotonic()
    try:
        for cycle in range(1, cycles + 1):
            problems = []
            if cycle % 10 == 1:
                fresh += 1
                problems = first_start(campaign.generator)
            problems += campaign.cycle(cycle)
            if problems:
                failed += 1
                folder = keep(campaign.demo, f"{seed}-{cycle}")
                print(f"cycle {cycle} failed; the folder is kept at {folder}", *problems[:20], sep="\n  ", flush=True)
            else:
                passed += 1
            if cycle % 20 == 0 or cycle == cycles:
                count = sum(len(mailbox.messages) for mailbox in campaign.mailboxes)
                print(f"{cycle} cycles, {time.monotonic() - began:.0f} s: {campaign.acknowledged} changes acknowledged (of them "
                      f"{campaign.commands} without a server), {campaign.under_way} under way at a kill, {campaign.refused} "
                      f"refused, {fresh} first starts; {count} messages there", flush=True)
    finally:
        campaign.demo.close()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
