"""Busy clients on a disk that refuses at random, for a moment or a while; then a kill, or a power cut."""
import itertools
import time

from administrator import Directory
from clients import Reader, Run
from faultlib import Faults, changing, forever, kind_names, started
from inspection import everyone, inspect
from model import Mailbox
from powercut import Recording, check, library

patience = 20.0


def gust(faults, generator, once=False):
    """Some trouble of some length."""
    calls = generator.choice([["write"], ["sync"], ["write", "sync"], changing])
    kinds = generator.choice([["log"], ["segment"], ["database"], ["spool", "object"], kind_names])
    faults.arm(calls, kinds, generator.choice(["ENOSPC", "EIO", "EDQUOT"]), skip=generator.randrange(20),
               count=1 if once else generator.choice([1, 2, 10, forever]), short=generator.random() < 0.3)


def complaints(run, clients):
    """What clients met besides refusals of changes."""
    problems = list(run.complaints)
    for line in sorted({line for line in run.refused if ": select" in line or "'FETCH'" in line}):
        problems.append(f"reading was refused: {line[:300]}")
    for client in clients:
        if client.slowest > patience:
            problems.append(f"{client.name} waited {client.slowest:.1f} s")
    return problems


def resumes(clients):
    """Whether each session makes a change again by itself, now that the disk is well."""
    before = {client: client.changes for client in clients}
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if all(client.changes > before[client] or not client.is_alive() for client in clients):
            return []
        time.sleep(0.05)
    return [f"{client.name} did not go on" for client in clients if client.changes == before[client]]


def weather(new_demo, finish, rounds, generator, seed):
    demo = new_demo()
    demo.kill()
    faults = Faults(demo.work, demo.directory)
    mailboxes, directory = [Mailbox("user1@example.test"), Mailbox("user2@example.test")], Directory()
    serial, problems = itertools.count(1), []
    acknowledged = refused = injected = 0
    lines = 0
    try:
        for number in range(rounds):
            started(demo, faults.environment)
            problems += [f"round {number}, after a kill: {line}" for line in inspect(demo, mailboxes, directory)]
            run = Run(demo, mailboxes, directory, f"{seed}/{number}", time.monotonic, serial)
            clients = everyone(run)
            for client in clients:
                client.start()
            for _ in range(4):
                time.sleep(generator.uniform(0, 0.2))
                gust(faults, generator)
                time.sleep(generator.choice([0.05, 0.3, 1.0]))
                faults.disarm()
                injected += faults.injected
                problems += [f"round {number}: {line}" for line in resumes(clients)]
            run.killed.set()
            for client in clients:
                client.join(60)
            acknowledged += run.acknowledged
            refused += len(run.refused)
            problems += [f"round {number}: {line}" for line in complaints(run, clients)]
            if faults.violation():
                problems.append(f"round {number}: {faults.violation()}")
                faults.page.violations = 0
            problems += [f"round {number}, alive: {line}" for line in inspect(demo, mailboxes, directory, settle=False)]
            demo.kill()
            if problems:
                break
        lines = len((demo.work / "server.log").read_text().splitlines())
    finally:
        finish(demo, problems, f"storm-{seed}")
    print(f"storm: {injected} calls refused in {rounds} rounds, each with a kill; {acknowledged} changes acknowledged, {refused} "
          f"refused; {lines} lines in the log", flush=True)
    return problems


class Stormy(Recording):
    """A recording in which the disk refuses now and then. A sync that fails loses for ever what was written before it."""

    def prepare(self):
        self.faults = Faults(self.work, self.root, [library(self.work, "powercut")])
        self.environment |= self.faults.environment
        self.injected = 0

    def pass_time(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            gust(self.faults, self.generator, once=True)
            time.sleep(0.15)
            self.faults.disarm()
            self.injected += self.faults.injected
            time.sleep(0.05)


def cut(points, generator, seed):
    recording = Stormy(seed, min(15, 3 + points / 20), generator=generator)
    try:
        recording.describe()
        passed, failed = check(recording, recording.cuts(points, generator), generator)
        print(f"cut: {recording.injected} calls refused, {len(recording.refused)} changes refused; {passed} points passed, "
              f"{failed} failed", flush=True)
        problems = [f"{failed} points failed"] if failed else []
        if recording.faults.violation():
            problems.append(recording.faults.violation())
        return problems + recording.complaints
    finally:
        recording.close()
